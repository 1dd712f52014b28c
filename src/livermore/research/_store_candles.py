"""`store_candles`: keep candles in the project's store."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from livermore.candles import Base, project_store
from livermore.candles._store import check_symbol
from livermore.frames import is_frame

__all__ = ["store_candles"]


def store_candles(
    candles: Any,
    exchange: str,
    symbol: str,
    *,
    base: str = "1m",
    calendar: str | Mapping[str, Any] | None = None,
    root: Path | str | None = None,
    replace: bool = False,
) -> None:
    """Store candles in the project, where `get_candles` finds them.

    Storing the same candles again changes nothing.

    Parameters
    ----------
    candles : ndarray of shape (n, 6), or a frame of pandas, Polars or Arrow
        UTC ms, open, close, high, low, volume; gaps are allowed. For frames see `livermore.frames.candle_rows`.
    exchange, symbol : str
        What they are of: names as routes will say them, the symbol with a dash.
    base : str
        Timeframe of the candles. Each base is stored apart.
    calendar : str or mapping, optional
        Sessions, as in `backtest`'s config; candles outside of them are refused.
    root : path-like, optional
        The project folder; the working directory by default.
    replace : bool
        Let candles replace those that are stored of the same time with other values.

    Raises
    ------
    TypeError
        If `candles` is neither an array nor a frame.
    CandleError
        If the symbol has no dash, a candle breaks a rule, the candles are of another timeframe, or stored with other
        values (unless `replace`). Nothing is stored then.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.candles import synthetic_candles
    >>> store_candles(synthetic_candles(1440, seed=1), "Sandbox", "BTC-USDT", root=tempfile.mkdtemp())
    """
    if not isinstance(candles, np.ndarray) and not is_frame(candles):
        raise TypeError(f"candles must be a numpy array of shape (n, 6) or a frame, not {type(candles).__name__}")
    check_symbol(symbol)
    project_store(root, Base(base, calendar)).write(candles, exchange, symbol, replace=replace)
