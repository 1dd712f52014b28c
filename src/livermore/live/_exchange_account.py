"""An account on an exchange that a session trades on, and what is asked of it before the first order."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from livermore.candles import utc_text
from livermore.errors import ConfigError, LiveError, MissingExtraError
from livermore.files import state_folder
from livermore.live._clock import Clock
from livermore.live._clock_offset import measure_offset
from livermore.live._exchange_answers import ReadableClient, words_of
from livermore.live._exchange_calls import calls_for
from livermore.live._exchange_feed import find_markets
from livermore.live._keys import exchange_keys
from livermore.live._orders import Limits, client_id_of
from livermore.strategies import Strategy

if TYPE_CHECKING:
    from livermore.engine import Session
    from livermore.live._events import EventRecorder

__all__ = ["AccountLocks", "ExchangeAccount", "check_account", "check_balance", "check_models", "connect_account"]

ON_MISMATCH = ("refuse", "adopt", "close")


@dataclass(frozen=True)
class ExchangeAccount:
    """An account on an exchange, for `LiveSession`: orders are sent to it in place of being matched on paper.

    Attributes
    ----------
    client : ccxt.Exchange
        Of ``ccxt``, with keys: ``kraken`` (spot) or ``binanceusdm`` (linear perpetuals). Keys are neither shown nor
        written anywhere.
    name : str
        What you call the account: letters, digits, ``-`` and ``_``. One session at a time may trade a symbol on it.
    limits : Limits
        What no order may exceed.
    on_mismatch : {"refuse", "adopt", "close"}
        What happens when the account is not as the session left it: positions that were closed or changed by hand,
        trades and orders of somebody else, a liquidation. ``"refuse"``: the session does not start, and one that runs
        opens nothing more and says so. ``"adopt"``: such trades enter the session as fills at their price, and foreign
        orders are left alone. ``"close"``: the same, then the position is closed at the market, and foreign orders of
        the session's symbols are cancelled.
    poll_ms : int
        How often trades are asked for while orders are out, ms.
    check_ms : int
        How often open orders and positions are compared with the session, ms.
    protect_ms : int
        A position whose stop could not be placed for so long is closed at the market, ms.
    dead_man_ms : int, optional
        The exchange cancels all orders when it has not heard of the session for so long, ms. It would cancel protective
        stops as well, so it is set only while entries wait and no position is open.

    Raises
    ------
    ConfigError
        If the name or an option cannot be used.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from livermore.live import Limits
    >>> kraken = SimpleNamespace(id="kraken")  # in place of ccxt.kraken({"apiKey": …, "secret": …})
    >>> account = ExchangeAccount(kraken, "main", limits=Limits(order_value=500), on_mismatch="close")
    >>> account.identity
    {'exchange': 'kraken', 'name': 'main'}
    >>> ExchangeAccount(kraken, "my account")
    Traceback (most recent call last):
        ...
    livermore.errors.ConfigError: the name of an account is letters, digits, - and _; it is 'my account'
    """

    client: Any = field(repr=False)
    name: str
    limits: Limits = field(default_factory=Limits)
    on_mismatch: Literal["refuse", "adopt", "close"] = "refuse"
    poll_ms: int = 5_000
    check_ms: int = 30_000
    protect_ms: int = 30_000
    dead_man_ms: int | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", self.name):
            raise ConfigError(f"the name of an account is letters, digits, - and _; it is {self.name!r}")
        if self.on_mismatch not in ON_MISMATCH:
            raise ConfigError(f"on_mismatch must be one of {', '.join(ON_MISMATCH)}; it is {self.on_mismatch!r}")
        for option in ("poll_ms", "check_ms", "protect_ms"):
            if getattr(self, option) < 1:
                raise ConfigError(f"{option} must be 1 or more; it is {getattr(self, option)}")
        if self.dead_man_ms is not None and self.dead_man_ms < 3 * self.poll_ms:
            raise ConfigError(
                f"dead_man_ms must be three times poll_ms ({self.poll_ms}) or more; it is {self.dead_man_ms}"
            )

    @property
    def identity(self) -> dict[str, str]:
        """Exchange and name, as the journal of a session keeps them."""
        return {"exchange": str(self.client.id), "name": self.name}


def connect_account(
    exchange: str, name: str, *, confirm: str | None, root: Path | str = ".", **options: Any
) -> ExchangeAccount:
    """Return an account whose keys are in the environment or the keyring; see `exchange_keys`.

    Parameters
    ----------
    exchange, name : str
        Of the exchange in ccxt, and what you call the account.
    confirm : str or None
        Both, with a blank between: ``"kraken main"``. Real money is traded, so a person says where.
    root : path-like
        The project folder, whose files must not hold the keys.
    **options
        As for `ExchangeAccount`.

    Raises
    ------
    ConfigError
        If the confirmation does not name both.
    LiveError
        If orders cannot be sent to the exchange, or there are no keys.
    MissingExtraError
        If ccxt is not installed.

    Examples
    --------
    >>> connect_account("kraken", "main", confirm="kraken other")
    Traceback (most recent call last):
    livermore.errors.ConfigError: real orders need a confirmation that names exchange and account: 'kraken main'
    """
    if confirm != f"{exchange} {name}":
        raise ConfigError(f"real orders need a confirmation that names exchange and account: {f'{exchange} {name}'!r}")
    calls_for(exchange)
    try:
        import ccxt
    except ImportError as error:
        raise MissingExtraError.of("ccxt", extra="ccxt") from error
    keys = exchange_keys(exchange, name, root=root)
    client = getattr(ccxt, exchange)({"apiKey": keys.key, "secret": keys.secret, "enableRateLimit": True})
    return ExchangeAccount(client, name, **options)


class AccountLocks:
    """Locks of the symbols that a session trades on an account.

    Two sessions would take each other's trades for those of somebody else.

    Parameters
    ----------
    account : ExchangeAccount
        The account.
    symbols : list of str
        The symbols.

    Raises
    ------
    LiveError
        If another session has one of them.
    """

    def __init__(self, account: ExchangeAccount, symbols: list[str]) -> None:
        from filelock import FileLock, Timeout

        folder = state_folder() / "accounts"
        folder.mkdir(parents=True, exist_ok=True)
        self._locks: list[Any] = []
        for symbol in symbols:
            lock = FileLock(folder / _file_name(account, symbol))
            try:
                lock.acquire(timeout=0)
            except Timeout:
                self.release()
                raise LiveError(
                    f"another session trades {symbol} on the account {account.name} of {account.client.id}"
                ) from None
            self._locks.append(lock)

    def release(self) -> None:
        """Release them."""
        for lock in self._locks:
            lock.release()
        self._locks = []


def _file_name(account: ExchangeAccount, symbol: str) -> Path:
    return Path(f"{account.client.id}-{account.name}-{symbol}.lock")


def check_account(account: ExchangeAccount, session: "Session", clock: Clock) -> list[str]:
    """Check that the account can trade what the session is for; return what a person should know.

    Leverage and margin mode of the symbols are set to those of the session.

    Raises
    ------
    LiveError
        If something cannot be traded: another kind of account, leverage or margin mode that is refused, hedge mode, a
        key that may not trade, clocks that differ by two seconds or more.
    CandlesNotFoundError
        If the exchange does not list a symbol.
    """
    client, config = ReadableClient(account.client), session.config
    kind = calls_for(client.id).kind
    if kind != config.type:
        raise LiveError(f"{client.id} is traded as {kind}, and the session's config has type {config.type}")
    markets = find_markets(client, [runner.spec.symbol for runner in session.runners])
    note = measure_offset(client, clock).check()
    if kind == "futures":
        for market in markets.values():
            _set_up_futures(client, market, session)
    for market in markets.values():
        _check_permission(client, market)
    return [] if note is None else [note]


def check_balance(account: ExchangeAccount, session: "Session") -> None:
    """Check that a new session has the money that its config says.

    Raises
    ------
    LiveError
        If the account has less than the starting balance.
    """
    currency, needed = session.account.currency, session.account.starting_balance
    balance = calls_for(account.client.id).balance(ReadableClient(account.client))
    free = float((balance.get(currency) or {}).get("free") or 0)
    if free < needed:
        raise LiveError(
            f"the account {account.name} has {free:g} {currency} free, and the config's starting_balance is {needed:g}"
        )


def check_models(session: "Session", recorder: "EventRecorder", start: int) -> None:
    """Load the models of strategies that predict, so that what is wrong with one is said before the first order.

    Raises
    ------
    ModelError
        If a model is missing, or is not trusted on this machine.
    LiveError
        If one was trained on samples after the session's start.
    """
    for runner in session.runners:
        if type(runner.strategy).ml_features is Strategy.ml_features or runner.strategy.ml_mode != "deploy":
            continue
        recorder.identity(runner.spec.symbol, None)
        until = recorder.trained_until(runner.spec.symbol, None)
        if until is not None and until * 1000 >= start:
            raise LiveError(
                f"the model of {runner.spec.symbol} was trained on samples until {utc_text(until * 1000)}, and the "
                f"session starts at {utc_text(start)}"
            )


def _set_up_futures(client: Any, market: str, session: "Session") -> None:
    """Set margin mode and leverage of a market; refuse hedge mode."""
    import ccxt

    config = session.config
    try:
        if client.fetch_position_mode(market).get("hedged"):
            raise LiveError(f"the account is in hedge mode; switch {client.id} to one-way mode")
        _set_margin_mode(client, market, config.leverage_mode)
        client.set_leverage(config.leverage, market)
    except ccxt.NetworkError as error:
        raise LiveError(f"{client.id} could not be asked: {words_of(error)}") from None
    except ccxt.BaseError as error:
        raise LiveError(
            f"{client.id} refuses leverage {config.leverage} with {config.leverage_mode} margin for {market}: "
            f"{words_of(error)}"
        ) from None


def _set_margin_mode(client: Any, market: str, mode: str) -> None:
    import ccxt

    try:
        client.set_margin_mode(mode, market)
    except ccxt.MarginModeAlreadySet:
        return
    except ccxt.ExchangeError as error:
        # Binance's codes for a mode that is set already, and for a position, which keeps the mode of its opening.
        if "-4046" not in str(error) and "-4048" not in str(error):
            raise


def _check_permission(client: Any, market: str) -> None:
    """Cancel an order that does not exist: a key that may not trade is refused before the exchange looks for it."""
    import ccxt

    try:
        client.cancel_order("", market, {"clientOrderId": client_id_of("no such order")})
    except ccxt.OrderNotFound:
        return
    except ccxt.NetworkError as error:
        raise LiveError(f"{client.id} could not be asked: {words_of(error)}") from None
    except ccxt.BaseError as error:
        raise LiveError(f"the key may not trade {market} on {client.id}: {words_of(error)}") from None
