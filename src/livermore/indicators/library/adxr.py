"""Average directional index rating."""

from livermore.indicators._kernels import elementwise, rolling, trend
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


@indicator(batched=True)
def adxr(candles: Series, period: int = 14, sequential: bool = False) -> Series:
    """Compute the average directional index rating.

    Mean of the ADX now and `period` rows ago. The ADX is here the simple mean of DX over `period` rows, and
    DX comes from sums s - s / period + new that begin with the first row.

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
        NaN before row 2·period - 1.

    References
    ----------
    J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.adxr(ta.example_candles()):.4f}")
    30.2034
    """
    plus, minus = trend.directional_movement(candles[:, HIGH], candles[:, LOW])
    ranges = trend.true_range(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE])
    index = trend.one_sidedness(*(trend.running_loss(part, period, 0) for part in (plus, minus, ranges)))
    average = rolling.mean_of_all(index, period)
    return (average + elementwise.lag(average, period)) / 2
