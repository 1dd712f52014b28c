"""`import_candles_file`: candles from a file into the project's store."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livermore.candles import Base, CandleImport, ReadOptions, project_store, read_candle_file, summarise_import
from livermore.candles._store import check_symbol
from livermore.candles.sources import CandleSource

__all__ = ["import_candles_file"]


def import_candles_file(
    path: Path | str,
    exchange: str,
    symbol: str,
    *,
    base: str = "1m",
    calendar: str | Mapping[str, Any] | None = None,
    root: Path | str | None = None,
    source: CandleSource | Path | str | None = None,
    replace: bool = False,
    **options: Any,
) -> CandleImport:
    """Read a file of candles and store them in the project.

    Parameters
    ----------
    path : path-like
        A file of candles of any kind, see `livermore.candles.read_candles`.
    exchange, symbol : str
        What the candles are of: names as routes will say them, the symbol with a dash.
    base : str
        Timeframe of the candles. Each base is stored apart.
    calendar : str or mapping, optional
        Sessions, as in `backtest`'s config. Candles outside of them are refused, and where trading pauses none is
        missing.
    root : path-like, optional
        The project folder; the working directory by default.
    source : str, path-like or CandleSource, optional
        Where the file is from, as for `read_candles`.
    replace : bool
        Let candles replace stored ones of the same time with other values. Without it they are refused.
    **options
        As for `read_candles`: columns, timezone, stamp, sort, duplicates, and the others.

    Returns
    -------
    CandleImport
        What was read and stored; `print` it.

    Raises
    ------
    CandleError
        If the symbol has no dash, the file cannot be read, something in it may mean two things, or a candle breaks a
        rule. Nothing is stored then.

    Examples
    --------
    >>> import os, tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> lines = "time,open,high,low,close,volume", "1704067200,10,12,9,11,5", "1704067260,11,11,11,11,1", ""
    >>> _ = (folder / "btc.csv").write_text(os.linesep.join(lines))
    >>> print(import_candles_file(folder / "btc.csv", "Sandbox", "BTC-USDT", root=folder))
    Sandbox BTC-USDT: 2 one-minute candles, 2024-01-01 00:00 UTC to 2024-01-01 00:01 UTC (2 of them new)
      times are taken as the starts of candles (stamp)
      times in s since 1970
    """
    check_symbol(symbol)
    stored = Base(base, calendar)
    read = read_candle_file(path, source, ReadOptions.of(options | {"base": stored}))
    store = project_store(root, stored)
    new_rows = store.write(read.candles, exchange, symbol, replace=replace)
    return summarise_import(read, exchange, symbol, new_rows, store)
