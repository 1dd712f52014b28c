"""Kaufman's adaptive moving average."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def kama(
    candles: Series,
    period: int = 14,
    fast_length: int = 2,
    slow_length: int = 30,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute Kaufman's adaptive moving average.

    y += c·(x - y), c = (ER·(2/(fast + 1) - 2/(slow + 1)) + 2/(slow + 1))², with ER the efficiency ratio |x -
    x[t-period]| / Σ|Δx|, 0 where the value does not change. The first `period` values are x itself.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 14
        Number of bars in the window.
    fast_length : int, default 2
        Length that a perfect trend approaches.
    slow_length : int, default 30
        Length that a market without direction approaches.
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
    P. Kaufman, Trading Systems and Methods.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.kama(ta.example_candles()):.4f}")
    112.8523
    """
    return _averages.kama(source(candles, source_type), period, fast_length, slow_length)
