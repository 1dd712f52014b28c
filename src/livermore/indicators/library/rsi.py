"""Relative strength index."""

from livermore.indicators import _ends as ends
from livermore.indicators import _kernels as kernels
from livermore.indicators._ends import Windows
from livermore.indicators._forming import Forming
from livermore.indicators._kernels import forming
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


def _ends(candles: Series, windows: Windows, period: int, source_type: str, **_: object) -> Series | None:
    """Return the index at the end of each window."""
    if not 0 < period < windows.rows:
        return None
    values = source(candles, source_type)
    last: Series = ends.relative_strength(values, windows, period, 1)[0]
    return last[: windows.among(len(values))]


def _state(
    candles: Series, windows: Windows, period: int, source_type: str, **_: object
) -> tuple[Series, Series] | None:
    """Return the average gains and losses at the end of each window."""
    if not 0 < period < windows.rows:
        return None
    gains, losses = ends.gains_and_losses(source(candles, source_type), windows, period, 1)
    return gains[0], losses[0]


@indicator(series_ok=True, batched=True, ends=_ends, forming=Forming(forming.Strength, _state))
def rsi(candles: Series, period: int = 14, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the relative strength index.

    100 - 100 / (1 + average gain / average loss). The averages are the plain means of the first `period`
    changes, then Wilder's: (previous·(period - 1) + new) / period. 100 where there is no loss.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values in their stead.
    period : int, default 14
        Number of bars in the window.
    source_type : str, default "close"
        Which prices: "close", "open", "high", "low", "volume", "hl2", "hlc3" or "ohlc4".
    sequential : bool, default False
        Whether to return a value for each row, and not that of the last one alone.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period.

    References
    ----------
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.rsi(ta.example_candles()):.4f}")
    34.5680
    """
    return kernels.trend.relative_strength(source(candles, source_type), period)
