"""A backtest's config: Jesse's dict, checked once and frozen."""

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from livermore.candles import MINUTE_BASE, Base
from livermore.engine.liquidation import MAINTENANCE_MARGIN
from livermore.errors import ConfigError, TimeframeError

__all__ = ["AccountType", "BacktestConfig", "LeverageMode"]

AccountType = Literal["futures", "spot"]
LeverageMode = Literal["cross", "isolated"]

#: Larger numbers are mistakes; they would not fit into the machine's integers either.
MOST_LEVERAGE = 100_000
MOST_CANDLES = 10_000_000
#: From here on a float has fewer than one digit after the point, and a balance does not add up to a cent.
BALANCE_BELOW = 1e15
#: From this leverage on, an isolated position would be liquidated above the price at which it was opened.
ISOLATED_BELOW = round(1 / MAINTENANCE_MARGIN)

MODELS = {"futures": "perpetual_futures", "spot": "spot"}
ANNUALIZATIONS = {252: 252, 365: 365, "252": 252, "365": 365}
REQUIRED = ("starting_balance", "fee", "exchange", "warm_up_candles")
OF_FUTURES = ("futures_leverage", "futures_leverage_mode")
#: Exchanges that settle in one currency, whatever the quote asset of the routes.
SETTLEMENT = {
    "Bybit USDC Perpetual": "USDC",
    "Bybit USDC Perpetual Testnet": "USDC",
    "Bybit USDT Perpetual": "USDT",
    "Bybit USDT Perpetual Testnet": "USDT",
    "KuCoin USDT Perpetual": "USDT",
}
OPTIONAL = ("type", "annualization", "simulation_model", "market_type", "base", "calendar")


@dataclass(frozen=True, slots=True)
class BacktestConfig:
    """What a backtest assumes about the account.

    Attributes
    ----------
    exchange : str
        Any name; that of the routes.
    starting_balance : float
        In the settlement currency.
    fee : float
        Of each fill, as a fraction: 0.0006 is 0.06 %.
    type : {"futures", "spot"}
        Kind of account.
    leverage : int
        1 on spot.
    leverage_mode : {"cross", "isolated"}
        Whether a position can be liquidated ("isolated").
    warm_up_candles : int
        The window of non-sequential indicators, in candles; 0 is no window. With gaps in the candles also how many
        candles each route has before trading starts.
    annualization : {365, 252}
        Trading days in a year.
    base : Base
        The candles that are given: orders are matched with them, and all bars are made of them. The keys ``base`` (a
        timeframe) and ``calendar`` of Jesse's dict.

    Examples
    --------
    >>> config = BacktestConfig.from_dict({
    ...     "starting_balance": 10_000, "fee": 0.0006, "type": "futures", "futures_leverage": 2,
    ...     "futures_leverage_mode": "cross", "exchange": "Sandbox", "warm_up_candles": 210})
    >>> config.leverage, config.annualization
    (2, 365)
    """

    exchange: str
    starting_balance: float
    fee: float
    type: AccountType = "futures"
    leverage: int = 1
    leverage_mode: LeverageMode = "cross"
    warm_up_candles: int = 0
    annualization: int = 365
    base: Base = MINUTE_BASE

    def settlement_currency(self, symbol: str) -> str:
        """Return the currency of the wallet, given any symbol that is traded."""
        return SETTLEMENT.get(self.exchange, symbol.split("-", 1)[1])

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> "BacktestConfig":
        """Read Jesse's config dict.

        Raises
        ------
        ConfigError
            If a key is missing, or a value is not what it can be; the message names the key.
        """
        if not isinstance(config, Mapping):
            raise ConfigError(f"config must be a dict, got {type(config).__name__}")
        kind = _account_type(config)
        futures = kind == "futures"
        for key in REQUIRED + (OF_FUTURES if futures else ()):
            if key not in config:
                raise ConfigError(_missing(key, config))
        leverage = _whole(config, "futures_leverage", 1, MOST_LEVERAGE) if futures else 1
        mode = _leverage_mode(config) if futures else "cross"
        if mode == "isolated" and leverage >= ISOLATED_BELOW:
            raise ConfigError(
                f"config['futures_leverage'] must be below {ISOLATED_BELOW} with isolated margin, got {leverage}: a "
                f"position is liquidated when {MAINTENANCE_MARGIN:.1%} of its entry price are left of its margin, and "
                "at this leverage there is no more from the beginning. Use 'cross'"
            )
        return cls(
            exchange=_name(config, "exchange"),
            starting_balance=_number(
                config,
                "starting_balance",
                lambda value: 0 < value < BALANCE_BELOW,
                f"above 0 and below {BALANCE_BELOW:g}",
            ),
            fee=_number(config, "fee", lambda value: 0 <= value < 1, "a fraction, such as 0.0006 for 0.06 %"),
            type=kind,
            leverage=leverage,
            leverage_mode=mode,
            warm_up_candles=_whole(config, "warm_up_candles", 0, MOST_CANDLES),
            annualization=_annualization(config.get("annualization", 365)),
            base=_base(config.get("base", "1m"), config.get("calendar")),
        )


def _account_type(config: Mapping[str, Any]) -> AccountType:
    model = config.get("simulation_model")
    named = config.get("type", config.get("market_type"))
    if named is None:
        named = next((kind for kind, its_model in MODELS.items() if its_model == model), "futures")
    if not isinstance(named, str) or named not in MODELS:
        raise ConfigError(f"config['type'] must be 'futures' or 'spot', got {_short(named)}")
    if model is not None and model != MODELS[named]:
        raise ConfigError(f"config['simulation_model'] is {model!r}, which does not go with type {named!r}")
    if config.get("market_type", named) != named:
        raise ConfigError(f"config['market_type'] is {config['market_type']!r}, which does not go with type {named!r}")
    return "spot" if named == "spot" else "futures"


def _number(config: Mapping[str, Any], key: str, allowed: Callable[[float], bool], words: str) -> float:
    try:
        # Python counts True as 1, and reads a number from bytes.
        if isinstance(config[key], bytes | bool | np.bool_):
            raise TypeError
        value = float(config[key])
        is_number = math.isfinite(value)
    except (TypeError, ValueError):
        raise ConfigError(f"config[{key!r}] must be a number, got {_short(config[key])}") from None
    except OverflowError:
        raise ConfigError(f"config[{key!r}] must be {words}, got {_short(config[key])}") from None
    if not is_number or not allowed(value):
        raise ConfigError(f"config[{key!r}] must be {words}, got {_short(config[key])}")
    return value


def _whole(config: Mapping[str, Any], key: str, least: int, most: int) -> int:
    if isinstance(config[key], str):
        raise ConfigError(f"config[{key!r}] must be a whole number, got {_short(config[key])}")
    value = _number(config, key, lambda value: value >= least, f"{least} or more")
    if value > most:
        raise ConfigError(f"config[{key!r}] must be {most} at most, got {_short(config[key])}")
    if not value.is_integer():
        raise ConfigError(f"config[{key!r}] must be a whole number, got {_short(config[key])}")
    return int(value)


def _name(config: Mapping[str, Any], key: str) -> str:
    name = config[key]
    if not isinstance(name, str) or not name:
        raise ConfigError(f"config[{key!r}] must be a name such as 'Binance Perpetual Futures', got {_short(name)}")
    return str(name)


def _short(value: object) -> str:
    """Write a value for a message, whatever it is."""
    try:
        text = repr(value)
    except ValueError:
        # Python refuses to write integers of more than 4,300 digits.
        return "an integer of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _leverage_mode(config: Mapping[str, Any]) -> LeverageMode:
    mode = config["futures_leverage_mode"]
    if not isinstance(mode, str) or mode not in ("cross", "isolated"):
        raise ConfigError(f"config['futures_leverage_mode'] must be 'cross' or 'isolated', got {_short(mode)}")
    return "isolated" if mode == "isolated" else "cross"


def _annualization(value: object) -> int:
    # True == 1 and 365.0 == 365 would be found in the table.
    if isinstance(value, int | str) and not isinstance(value, bool) and value in ANNUALIZATIONS:
        return ANNUALIZATIONS[value]
    raise ConfigError(f"config['annualization'] must be 365 or 252, got {_short(value)}")


def _base(timeframe: Any, calendar: Any) -> Base:
    if timeframe == "1m" and calendar is None:
        return MINUTE_BASE
    try:
        return Base(timeframe, calendar)
    except TimeframeError as error:
        raise ConfigError(f"config['base']: {error}") from None


def _missing(key: str, config: Mapping[str, Any]) -> str:
    known = {*REQUIRED, *OF_FUTURES, *OPTIONAL}
    unknown = [name for name in config if name not in known]
    near = difflib.get_close_matches(key, unknown, n=1)
    hint = f"; did you mean it by {near[0]!r}?" if near else f"; it has {', '.join(map(repr, config)) or 'no keys'}"
    return f"config lacks {key!r}{hint}"
