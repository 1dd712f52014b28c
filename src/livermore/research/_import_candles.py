"""`import_candles`: candles from an exchange into the project's store."""

from pathlib import Path

from livermore.candles import Base, date_ms, project_store
from livermore.candles._store import check_symbol
from livermore.errors import CandlesNotFoundError, DateRangeError
from livermore.trading.clock import now_ms

__all__ = ["import_candles"]


def import_candles(
    exchange: str,
    symbol: str,
    start_date: str,
    show_progressbar: bool = True,
    *,
    base: str = "1m",
    root: Path | str | None = None,
) -> str:
    """Download candles from an exchange and store them in the project.

    Candles that are stored are not asked for again: a download that was interrupted goes on where it stopped. Requests
    keep to the limits of the exchange, and are made again, with longer and longer pauses, when they fail.

    Parameters
    ----------
    exchange : str
        Jesse's name of an exchange, such as ``"Binance Spot"``, or its name in ccxt, such as ``"binance"``.
    symbol : str
        With a dash: ``"BTC-USDT"``.
    start_date : str
        The first day, ``"2024-01-31"``, or a minute, ``"2024-01-31 14:30"``; UTC.
    show_progressbar : bool
        Show how far it is, in a terminal or a notebook.
    base : str
        Timeframe of the candles, such as ``"1h"``. Jesse has minutes only.
    root : path-like, optional
        The project folder; the working directory by default.

    Returns
    -------
    str
        What was stored.

    Raises
    ------
    MissingExtraError
        If ccxt is not installed.
    CandlesNotFoundError
        If the exchange or the symbol is unknown, or the exchange has no candles of that time, or serves only later
        ones, as Kraken does (the last 720).
    ExchangeError
        If the exchange cannot be reached, or refuses. Days that were complete by then are stored.
    CandleError
        If the symbol has no dash, or candles of the exchange break a rule.
    DateRangeError
        If the start cannot be read, or is in the future.

    Examples
    --------
    >>> import_candles("Binance Spot", "BTC-USDT", "2024-01-01")  # doctest: +SKIP
    'Binance Spot BTC-USDT: stored 1,440 one-minute candles, 2024-01-01 00:00 UTC to 2024-01-01 23:59 UTC'
    """
    from livermore.candles import connect, download
    from livermore.progress import ProgressBar

    check_symbol(symbol)
    start = date_ms(start_date)
    if start > now_ms():
        raise DateRangeError(f"the start, {start_date}, is in the future.")
    stored = Base(base)
    store = project_store(root, stored)
    with ProgressBar(f"Download {symbol}", "minutes", enabled=show_progressbar) as progress:
        done = download(store, connect(exchange, symbol, stored), start, progress)
    if done.rows == 0 and (exchange, symbol) not in store.symbols():
        raise CandlesNotFoundError(f"{exchange} has no candles of {symbol} from {start_date} on.")
    return str(done)
