"""Intercept of the linear regression."""

from livermore.indicators._kernels import windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, lookback=lambda period, **_: period)
def linearreg_intercept(
    candles: Series, period: int = 14, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the intercept of the linear regression.

    The least-squares line through the last `period` values, at the first of them.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 14
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.linearreg_intercept(ta.example_candles()):.4f}")
    121.0009
    """
    return windows.regression_line(source(candles, source_type), period)[0]
