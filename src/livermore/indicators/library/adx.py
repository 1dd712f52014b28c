"""Average directional index."""

from livermore.indicators import _ends as ends
from livermore.indicators import _kernels as kernels
from livermore.indicators._ends import Windows
from livermore.indicators._forming import Forming
from livermore.indicators._kernels import forming
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


def _ends(candles: Series, windows: Windows, period: int, **_: object) -> Series | None:
    """Return the index at the end of each window."""
    if not 0 < 2 * period < windows.rows:
        return None
    index: Series = ends.directional_index(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE], windows, period)[0]
    return index


def _state(candles: Series, windows: Windows, period: int, **_: object) -> tuple[Series, ...] | None:
    """Return the index, the movements and the range at the end of each window."""
    if not 0 < 2 * period < windows.rows:
        return None
    return tuple(ends.directional_index(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE], windows, period))


@indicator(batched=True, ends=_ends, forming=Forming(forming.Direction, _state))
def adx(candles: Series, period: int = 14, sequential: bool = False) -> Series:
    """Compute the average directional index.

    Directional movement and true range are summed over rows 1 to `period`, then smoothed: s - s / period +
    new. DX = 100·|DI+ - DI-| / (DI+ + DI-), 0 where there is no movement. The first value is the mean of
    `period` values of DX, those that follow (previous·(period - 1) + DX) / period.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    sequential : bool, default False
        Whether to return a value for each row, and not that of the last one alone.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row 2·period.

    References
    ----------
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.adx(ta.example_candles()):.4f}")
    29.2341
    """
    return kernels.trend.directional_index(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE], period)
