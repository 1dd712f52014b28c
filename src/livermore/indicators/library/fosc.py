"""Forecast oscillator."""

import numpy as np

from livermore.indicators._averages import total_by_cumulation
from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True)
def fosc(candles: Series, period: int = 5, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the forecast oscillator.

    100·(x - linear regression) / x, 0 before row period - 1. As in Jesse, the regression comes from sums over
    all rows so far. Its rounding error grows with the square of their number: with a period of 5, 1e-9 of the
    price after 10,000 rows and up to 1e-4 after a million.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 5
        Number of bars in the window.
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
    T. Chande and S. Kroll, The New Technical Trader, 1994.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.fosc(ta.example_candles()):.4f}")
    0.1341
    """
    values = source(candles, source_type)
    share = elementwise.ratio(100 * (values - line_end(values, period)), values, np.nan)
    return elementwise.filled(share, 0.0)


def line_end(values: Series, period: int) -> Series:
    """Return the end of the least-squares line, from sums over all rows so far, as in Jesse; NaN before period - 1."""
    if period < 2:
        return np.full(values.shape, np.nan)
    row = np.arange(float(len(values))).reshape(-1, *[1] * (values.ndim - 1))
    total = total_by_cumulation(values, period)
    # Row times value, the rows counted from the window's own first.
    weighted = total_by_cumulation(row * values, period) - (row - period + 1) * total
    sum_k, sum_kk = period * (period - 1) / 2, period * (period - 1) * (2 * period - 1) / 6
    mean_k = sum_k / period
    slope = (weighted - mean_k * total) / (sum_kk - sum_k * mean_k)
    end: Series = total / period - slope * mean_k + slope * (period - 1)
    end[: period - 1] = np.nan
    return end
