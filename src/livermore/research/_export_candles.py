"""`export_candles`: stored candles to a file that other programs read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livermore.candles import Base, StoredMarket, date_ms, project_store, resample, write_candles
from livermore.errors import CandlesNotFoundError

__all__ = ["export_candles"]


def export_candles(
    exchange: str,
    symbol: str,
    path: Path | str,
    *,
    timeframe: str | None = None,
    base: str = "1m",
    calendar: str | Mapping[str, Any] | None = None,
    start_date: str | None = None,
    finish_date: str | None = None,
    root: Path | str | None = None,
) -> int:
    """Write stored candles to a CSV or Parquet file.

    Parameters
    ----------
    exchange, symbol : str
        Which market, as `list_candles` shows it.
    path : path-like
        A file that ends in ``.csv``, ``.csv.gz`` or ``.parquet``. Its columns are timestamp (UTC ms), open, close,
        high, low, volume; `read_candles` reads the same numbers back. An existing file is replaced.
    timeframe : str, optional
        One of `livermore.candles.TIMEFRAMES`; a last bar that is not complete is left out. By default that of the base.
    base : str
        Timeframe of the stored candles.
    calendar : str or mapping, optional
        Sessions that bars align to, as in `backtest`'s config.
    start_date, finish_date : str, optional
        Days such as ``"2024-01-31"``, UTC; the day of the finish is not included. By default all.
    root : path-like, optional
        The project folder; the working directory by default.

    Returns
    -------
    int
        How many candles were written.

    Raises
    ------
    CandlesNotFoundError
        If nothing is stored of what was asked for.
    DateRangeError
        If a date cannot be read.
    CandleError
        If the name of the file ends in anything else, or a stored file is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.candles import read_candles, synthetic_candles
    >>> from livermore.research import store_candles
    >>> folder = Path(tempfile.mkdtemp())
    >>> store_candles(synthetic_candles(1440, seed=1), "Sandbox", "BTC-USDT", root=folder)
    >>> export_candles("Sandbox", "BTC-USDT", folder / "hours.csv.gz", timeframe="1h", root=folder)
    24
    >>> read_candles(folder / "hours.csv.gz").shape
    (24, 6)
    """
    stored = Base(base, calendar)
    market = StoredMarket(project_store(root, stored), exchange, symbol)
    start = None if start_date is None else date_ms(start_date)
    finish = market.end if finish_date is None else min(date_ms(finish_date), market.end)
    rows = market.read(start, finish)
    if timeframe not in (None, base) and len(rows):
        rows = resample(rows, timeframe, until=finish, base=stored)
    if len(rows) == 0:
        raise CandlesNotFoundError(market.nothing_between(market.begin if start is None else start, finish))
    write_candles(rows, path)
    return len(rows)
