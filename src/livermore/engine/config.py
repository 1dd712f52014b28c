"""A backtest's config: Jesse's dict, checked once and frozen."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from livermore.errors import ConfigError

__all__ = ["AccountType", "BacktestConfig", "LeverageMode"]

AccountType = Literal["futures", "spot"]
LeverageMode = Literal["cross", "isolated"]
Number = TypeVar("Number", int, float)

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
OPTIONAL = ("type", "annualization", "simulation_model", "market_type")


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
        return cls(
            exchange=str(config["exchange"]),
            starting_balance=_number(config, "starting_balance", float, lambda value: value > 0, "above 0"),
            fee=_number(config, "fee", float, lambda value: 0 <= value < 1, "a fraction, such as 0.0006 for 0.06 %"),
            type=kind,
            leverage=_number(config, "futures_leverage", int, lambda value: value >= 1, "1 or more") if futures else 1,
            leverage_mode=_leverage_mode(config) if futures else "cross",
            warm_up_candles=_number(config, "warm_up_candles", int, lambda value: value >= 0, "0 or more"),
            annualization=_annualization(config.get("annualization", 365)),
        )


def _account_type(config: Mapping[str, Any]) -> AccountType:
    model = config.get("simulation_model")
    named = config.get("type", config.get("market_type"))
    if named is None:
        named = next((kind for kind, its_model in MODELS.items() if its_model == model), "futures")
    if named not in MODELS:
        raise ConfigError(f"config['type'] must be 'futures' or 'spot', got {named!r}")
    if model is not None and model != MODELS[named]:
        raise ConfigError(f"config['simulation_model'] is {model!r}, which does not go with type {named!r}")
    if config.get("market_type", named) != named:
        raise ConfigError(f"config['market_type'] is {config['market_type']!r}, which does not go with type {named!r}")
    return "spot" if named == "spot" else "futures"


def _number(
    config: Mapping[str, Any], key: str, convert: type[Number], allowed: Callable[[Number], bool], words: str
) -> Number:
    try:
        value = convert(config[key])
    except (TypeError, ValueError):
        raise ConfigError(f"config[{key!r}] must be a number, got {config[key]!r}") from None
    if not allowed(value):
        raise ConfigError(f"config[{key!r}] must be {words}, got {config[key]!r}")
    return value


def _leverage_mode(config: Mapping[str, Any]) -> LeverageMode:
    mode = config["futures_leverage_mode"]
    if mode not in ("cross", "isolated"):
        raise ConfigError(f"config['futures_leverage_mode'] must be 'cross' or 'isolated', got {mode!r}")
    return "isolated" if mode == "isolated" else "cross"


def _annualization(value: object) -> int:
    # True == 1 and 365.0 == 365 would be found in the table.
    if isinstance(value, int | str) and not isinstance(value, bool) and value in ANNUALIZATIONS:
        return ANNUALIZATIONS[value]
    raise ConfigError(f"config['annualization'] must be 365 or 252, got {value!r}")


def _missing(key: str, config: Mapping[str, Any]) -> str:
    known = {*REQUIRED, *OF_FUTURES, *OPTIONAL}
    unknown = [name for name in config if name not in known]
    near = difflib.get_close_matches(key, unknown, n=1)
    hint = f"; did you mean it by {near[0]!r}?" if near else f"; it has {', '.join(map(repr, config)) or 'no keys'}"
    return f"config lacks {key!r}{hint}"
