"""`import_candles_file`: candles from a file into the project's store."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livermore.candles import Base, CandleImport, project_store, read_candles, summarise_import
from livermore.candles._store import check_symbol

__all__ = ["import_candles_file"]


def import_candles_file(
    path: Path | str,
    exchange: str,
    symbol: str,
    *,
    base: str = "1m",
    calendar: str | Mapping[str, Any] | None = None,
    root: Path | str | None = None,
    **options: Any,
) -> CandleImport:
    """Read a file of candles and store them in the project.

    Parameters
    ----------
    path : path-like
        A CSV or Parquet file, see `livermore.candles.read_candles`.
    exchange, symbol : str
        What the candles are of: names as routes will say them, the symbol with a dash.
    base : str
        Timeframe of the candles. Each base is stored apart.
    calendar : str or mapping, optional
        Sessions, as in `backtest`'s config. Candles outside of them are refused, and where trading pauses none is
        missing.
    root : path-like, optional
        The project folder; the working directory by default.
    **options
        As for `read_candles`: columns, separator, sort, duplicates.

    Raises
    ------
    CandleError
        If the symbol has no dash, the file cannot be read or a candle breaks a rule. Nothing is stored then.

    Examples
    --------
    >>> import os, tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> lines = "time,open,high,low,close,volume", "1704067200,10,12,9,11,5", "1704067260,11,11,11,11,0"
    >>> _ = (folder / "btc.csv").write_text(os.linesep.join(lines))
    >>> print(import_candles_file(folder / "btc.csv", "Sandbox", "BTC-USDT", root=folder))
    Sandbox BTC-USDT: 2 one-minute candles, 2024-01-01 00:00 UTC to 2024-01-01 00:01 UTC (2 of them new)
    """
    check_symbol(symbol)
    candles = read_candles(path, **options)
    stored = Base(base, calendar)
    new_rows = project_store(root, stored).write(candles, exchange, symbol)
    return summarise_import(candles, exchange, symbol, new_rows, stored)
