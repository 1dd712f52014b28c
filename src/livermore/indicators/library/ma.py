"""Moving average by number."""

from livermore.indicators._averages import moving_average
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, window_series=True, batched=True, min_rows=lambda period, **_: period)
def ma(
    candles: Series, period: int = 30, matype: int = 0, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the moving average by number.

    The moving average with number `matype`, its other parameters at their defaults: 0 sma, 1 ema, 2 wma, 3
    dema, 4 tema, 5 trima, 6 kama, 9 fwma, 10 hma, 11 linearreg, 12 wilders, 13 sinwma, 14 supersmoother, 15
    supersmoother_3_pole, 16 gauss, 17 high_pass, 18 high_pass_2_pole, 20 jma, 21 reflex, 22 trendflex, 23
    smma, 24 vwma, 25 pwma, 26 swma, 27 alma, 28 hwma, 29 vwap, 30 nma, 31 edcf, 32 mwdx, 33 maaq, 34 srwma,
    35 sqwma, 36 vpwma, 37 cwma, 38 jsa, 39 epma. Numbers 24 and 29 need candles; 28, 29 and 32 ignore the
    period.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 30
        Number of bars in the window.
    matype : int, default 0
        The number of the average.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN in the first rows, by the average.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.ma(ta.example_candles()):.4f}")
    111.0810
    """
    return moving_average(candles, source(candles, source_type), period, matype)
