"""Keltner channel."""

from typing import Any, NamedTuple

from livermore.indicators import _kernels as kernels
from livermore.indicators._averages import moving_average
from livermore.indicators._kernels import recursions
from livermore.indicators._memo import indicator
from livermore.indicators._source import CLOSE, HIGH, LOW, Series, source


class KeltnerChannel(NamedTuple):
    """Keltner channel: floats, or arrays with ``sequential=True``."""

    upperband: Any
    middleband: Any
    lowerband: Any


def _recursion(matype: int, **params: Any) -> recursions.Recursion | None:
    """Return the recursion of the default average, the exponential one."""
    return recursions.Keltner(**params) if matype == 1 else None


@indicator(
    batched=True,
    recursion=_recursion,
    min_rows=lambda period, **_: period,
)
def keltner(
    candles: Series,
    period: int = 20,
    multiplier: float = 2,
    matype: int = 1,
    source_type: str = "close",
    sequential: bool = False,
) -> KeltnerChannel:
    """Compute the Keltner channel.

    A moving average, and bands `multiplier` average true ranges above and below it.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 20
        Number of bars in the window.
    multiplier : float, default 2
        Distance of the bands, in average true ranges.
    matype : int, default 1
        Number of the moving average; see `livermore.indicators.ma`.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    KeltnerChannel
        `upperband` is middle + multiplier·ATR; `middleband` the moving average; `lowerband` middle -
        multiplier·ATR. Floats, or arrays of shape (n,). NaN before row period - 1 (the middle may start
        earlier).

    References
    ----------
    C. Keltner, How to Make Money in Commodities, 1960; with ATR: L. B. Raschke.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.keltner(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    upperband=118.0259 middleband=112.1727 lowerband=106.3195
    """
    high, low, close = candles[:, HIGH], candles[:, LOW], candles[:, CLOSE]
    reach = kernels.averages.wilder(kernels.trend.true_range(high, low, close), period) * multiplier
    middle = moving_average(candles, source(candles, source_type), period, matype)
    return KeltnerChannel(middle + reach, middle, middle - reach)
