"""`import_candles`: candles from an exchange into the project's store."""

from livermore.candles import TIMESTAMP, project_store
from livermore.candles import utc_text as utc
from livermore.candles._store import check_symbol
from livermore.errors import CandlesNotFoundError

__all__ = ["import_candles"]


def import_candles(exchange: str, symbol: str, start_date: str, show_progressbar: bool = True) -> str:
    """Download one-minute candles from an exchange and store them in the project.

    Parameters
    ----------
    exchange : str
        Jesse's name of an exchange, such as ``"Binance Spot"``, or its name in ccxt, such as ``"binance"``.
    symbol : str
        With a dash: ``"BTC-USDT"``.
    start_date : str
        The first day, ``"2024-01-31"``, UTC.
    show_progressbar : bool
        Print how far it is.

    Returns
    -------
    str
        What was stored.

    Raises
    ------
    MissingExtraError
        If ccxt is not installed.
    CandlesNotFoundError
        If the exchange or the symbol is unknown, or has no candles of that time.

    Examples
    --------
    >>> import_candles("Binance Spot", "BTC-USDT", "2024-01-01")  # doctest: +SKIP
    'Binance Spot BTC-USDT: stored 1,440 one-minute candles, 2024-01-01 00:00 UTC to 2024-01-01 23:59 UTC'
    """
    from livermore.candles import download_minutes

    check_symbol(symbol)
    store = project_store()
    total = first = last = 0
    for candles in download_minutes(exchange, symbol, start_date, show_progressbar=show_progressbar):
        store.write(candles, exchange, symbol)
        first = first or int(candles[0, TIMESTAMP])
        last = int(candles[-1, TIMESTAMP])
        total += len(candles)
    if total == 0:
        raise CandlesNotFoundError(f"{exchange} has no candles of {symbol} from {start_date} on.")
    return f"{exchange} {symbol}: stored {total:,} one-minute candles, {utc(first)} to {utc(last)}"
