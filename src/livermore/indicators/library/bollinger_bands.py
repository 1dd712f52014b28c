"""Bollinger bands."""

from typing import Any, NamedTuple

from livermore.indicators import _kernels as kernels
from livermore.indicators._averages import moving_average
from livermore.indicators._deviations import deviation
from livermore.indicators._kernels import recursions
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


class BollingerBands(NamedTuple):
    """Bollinger bands: floats, or arrays with ``sequential=True``."""

    upperband: Any
    middleband: Any
    lowerband: Any


def _recursion(matype: int, devtype: int, **params: Any) -> recursions.Recursion | None:
    """Return the recursion of the default types: a simple average and the population standard deviation."""
    return recursions.BollingerBands(**params) if matype == 0 and devtype == 0 else None


@indicator(
    series_ok=True,
    batched=True,
    recursion=_recursion,
    min_rows=lambda period, **_: period,
)
def bollinger_bands(
    candles: Series,
    period: int = 20,
    devup: float = 2,
    devdn: float = 2,
    matype: int = 0,
    devtype: int = 0,
    source_type: str = "close",
    sequential: bool = False,
) -> BollingerBands:
    """Compute the Bollinger bands.

    A moving average, and bands `devup` and `devdn` deviations above and below it. With the default types
    the variance is E[x²] - E[x]² of running sums; where prices stand still, rounding can make it negative,
    and the bands are NaN there, as in Jesse.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 20
        Number of bars in the window.
    devup : float, default 2
        Distance of the upper band, in deviations.
    devdn : float, default 2
        Distance of the lower band, in deviations.
    matype : int, default 0
        Number of the moving average; see `livermore.indicators.ma`.
    devtype : int, default 0
        Which deviation: 0 population standard deviation, 1 mean absolute, 2 median absolute.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    BollingerBands
        `upperband` is middle + devup·deviation; `middleband` the moving average; `lowerband` middle -
        devdn·deviation. Floats, or arrays of shape (n,). NaN before row period - 1.

    References
    ----------
    J. Bollinger, Bollinger on Bollinger Bands, 2001.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.bollinger_bands(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    upperband=122.2107 middleband=114.3550 lowerband=106.4993
    """
    values = source(candles, source_type)
    if matype == 0 and devtype == 0:
        middle, spread = kernels.statistics.running_deviation(values, period)
    else:
        middle = moving_average(candles, values, period, matype)
        spread = deviation(values, period, devtype)
    return BollingerBands(middle + devup * spread, middle, middle - devdn * spread)
