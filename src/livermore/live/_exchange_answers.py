"""Answers of exchanges, as ccxt gives them, on their way to candles: what is damaged, and what must not be shown."""

import importlib
import re
from typing import Any

import numpy as np

from livermore.candles import MINUTE_MS, check_candles, utc_text
from livermore.errors import CandleError, ConfigError, MissingExtraError
from livermore.typing import Rows

__all__ = [
    "DAMAGED",
    "FIRST_WAIT_MS",
    "ReadableClient",
    "ccxt_errors",
    "retry_wait",
    "rows_of",
    "websocket_client",
    "without_query",
    "words_of",
]

# ccxt gives open, high, low, close; ours is open, close, high, low.
_TO_OURS = [0, 1, 4, 2, 3, 5]
#: What ccxt raises, beside its own errors, over answers that were cut.
DAMAGED = (TypeError, ValueError, LookupError, AttributeError)
#: Waits after failed requests, ms: each twice the last.
FIRST_WAIT_MS, LONGEST_WAIT_MS = 1_000, 30_000
#: How the names of ccxt's methods begin that ask an exchange.
REQUESTS = ("fetch_", "load_", "create_", "cancel_", "edit_", "set_leverage", "set_margin_mode")


def rows_of(raw: Any, symbol: str) -> Rows:
    """Return ccxt's rows as candles: sorted, each minute once.

    Raises
    ------
    CandleError
        If a row is no candle, or two rows of one minute differ: the answer was damaged, and is to be asked for again.

    Examples
    --------
    >>> rows_of([[60_000, 10, 12, 9, 11, 5], [0, 10, 12, 9, 11, 5], [0, 10, 12, 9, 11, 5]], "BTC-USDT")[:, 0].tolist()
    [0.0, 60000.0]
    >>> rows_of([[9, None, None, None, None, None]], "BTC-USDT")
    Traceback (most recent call last):
    livermore.errors.CandleError: BTC-USDT: a row is no candle: [9, None, None, None, None, None]
    """
    by_time: dict[int, tuple[float, ...]] = {}
    for row in raw:
        try:
            candle = tuple(float(value) for value in row)
        except (TypeError, ValueError):
            candle = ()
        if len(candle) != 6 or not np.isfinite(candle).all() or candle[0] % MINUTE_MS:
            raise CandleError(f"{symbol}: a row is no candle: {row!r:.120}")
        if by_time.setdefault(int(candle[0]), candle) != candle:
            raise CandleError(f"{symbol}: two candles of {utc_text(int(candle[0]))} differ")
    if not by_time:
        return np.empty((0, 6))
    rows = np.array([by_time[time] for time in sorted(by_time)])[:, _TO_OURS]
    checked: Rows = check_candles(rows, name=symbol)
    return checked


def without_query(text: str) -> str:
    """Return a text without what follows the addresses in it, which may hold a signature."""
    return re.sub(r"\?\S+", "", text)


def words_of(error: Exception) -> str:
    """Return an error without the address that was asked, which may hold a signature."""
    text = " ".join(part for part in str(error).split() if "://" not in part)
    return f"{type(error).__name__}: {text}"[:300]


def retry_wait(failures: int) -> int:
    """Return how long to wait, in ms, after a request has failed once more than `failures` times in a row.

    Examples
    --------
    >>> [retry_wait(failures) for failures in (0, 1, 2, 100)]
    [1000, 2000, 4000, 30000]
    """
    wait: int = FIRST_WAIT_MS * 2**failures
    return min(wait, LONGEST_WAIT_MS)


def ccxt_errors() -> type[Exception]:
    """Return the root of ccxt's errors. Whatever it is may go well the next time; that it does not is noted."""
    try:
        import ccxt
    except ImportError as error:
        raise MissingExtraError.of("ccxt", extra="ccxt") from error
    root: type[Exception] = ccxt.BaseError
    return root


def websocket_client(client: Any) -> Any:
    """Return an object of ``ccxt.pro`` of the same exchange, without keys.

    Raises
    ------
    ConfigError
        If ccxt has no websockets of it.
    """
    pro = importlib.import_module("ccxt.pro")
    if client.id not in pro.exchanges:
        raise ConfigError(f"ccxt has no websockets of {client.id}: leave out early")
    return getattr(pro, client.id)()


class ReadableClient:
    """An object of ccxt that says of each answer that it cannot read that it cannot: as an error of the network.

    Of answers that are no JSON ccxt makes empty ones: no balance, no orders. Over others of another form than it knows
    it raises whatever comes of it: TypeError, KeyError and others. A request with such an answer may have been carried
    out, and may go well the next time, as after a lost connection.

    Parameters
    ----------
    client : ccxt.Exchange
        Of ``ccxt``. Its `fetch` raises over answers that are no JSON from now on.

    Examples
    --------
    >>> class Client:
    ...     id = "kraken"
    ...
    ...     def fetch(self, url):
    ...         return {}
    ...
    ...     def fetch_time(self):
    ...         return self.fetch("…")["time"]
    >>> ReadableClient(Client()).fetch_time()
    Traceback (most recent call last):
    ccxt.base.errors.NetworkError: kraken's answer cannot be read: KeyError: 'time'
    """

    def __init__(self, client: Any) -> None:
        object.__setattr__(self, "client", client)
        fetch = client.fetch
        if getattr(fetch, "refuses_text", False):
            return

        def fetch_json(*arguments: Any, **options: Any) -> Any:
            import ccxt

            answer = fetch(*arguments, **options)
            if isinstance(answer, str):
                raise ccxt.NetworkError(f"{client.id}'s answer is no JSON: {answer[:80]!r}")
            return answer

        fetch_json.refuses_text = True  # type: ignore[attr-defined]
        client.fetch = fetch_json

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.client, name, value)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.client, name)
        if not name.startswith(REQUESTS):
            return found

        def ask(*arguments: Any, **options: Any) -> Any:
            import ccxt

            try:
                return found(*arguments, **options)
            except DAMAGED as error:
                text = f"{self.client.id}'s answer cannot be read: {type(error).__name__}: {error!s:.200}"
                raise ccxt.NetworkError(text) from None

        return ask
