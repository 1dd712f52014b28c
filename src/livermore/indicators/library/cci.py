"""Commodity channel index."""

from livermore.indicators._kernels import elementwise, rolling, windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(batched=True, lookback=lambda period, **_: period)
def cci(candles: Series, period: int = 14, sequential: bool = False) -> Series:
    """Compute the commodity channel index.

    (p - mean) / (0.015·mean distance from the mean) over the last `period` values of p = (high + low +
    close) / 3, 0 where they are equal.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 14
        Number of bars in the window.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1.

    References
    ----------
    D. Lambert, Commodities, 1980.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.cci(ta.example_candles()):.4f}")
    -125.4727
    """
    price = source(candles, "hlc3")
    return elementwise.ratio(price - rolling.mean_of_all(price, period), 0.015 * windows.distance(price, period), 0.0)
