"""Polarized fractal efficiency."""

import numpy as np

from livermore.indicators._kernels import averages, elementwise, windows
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._source import Series, source


@indicator(batched=True)
def pfe(
    candles: Series, period: int = 10, smoothing: Period = 5, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the polarized fractal efficiency.

    100·√(D² + period²) / Σ√(1 + Δx²) over period - 1 rows, with the sign of D, smoothed by an exponential
    average; as in Jesse, D is the finite difference of order period - 1, not x - x[t - period + 1]. 0 before
    row period - 1.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 10
        Number of bars in the window.
    smoothing : int, default 5
        Number of bars of the average.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    H. Hannula, Stocks & Commodities, 1994.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.pfe(ta.example_candles()):.4f}")
    22.7169
    """
    values = source(candles, source_type)
    if period > len(values):
        return np.zeros(values.shape)
    step = elementwise.change(values)
    far = values
    for _ in range(period - 1):
        far = elementwise.change(far)
    path = windows.total(np.sqrt(1 + step * step), period - 1)
    straight = 100 * elementwise.ratio(np.sqrt(far * far + period * period), path, np.nan)
    return averages.ema(elementwise.filled(np.where(far > 0, straight, -straight), 0.0), smoothing)
