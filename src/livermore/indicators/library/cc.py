"""Coppock curve."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source
from livermore.indicators.library.kst import rate_of_change


@indicator(
    batched=True,
    lookback=lambda wma_period, roc_short_period, roc_long_period, **_: (
        wma_period + max(roc_short_period, roc_long_period)
    ),
)
def cc(
    candles: Series,
    wma_period: int = 10,
    roc_short_period: int = 11,
    roc_long_period: int = 14,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the Coppock curve.

    Weighted average of the sum of two rates of change, in percent.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    wma_period : int, default 10
        Number of bars of the average.
    roc_short_period : int, default 11
        Number of bars of the short rate of change.
    roc_long_period : int, default 14
        Number of bars of the long rate of change.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row wma_period - 1 + roc_long_period.

    References
    ----------
    E. Coppock, Barron's, 1962.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.cc(ta.example_candles()):.4f}")
    -7.4373
    """
    values = source(candles, source_type)
    rates = rate_of_change(values, roc_long_period) + rate_of_change(values, roc_short_period)
    return _averages.wma(rates, wma_period)
