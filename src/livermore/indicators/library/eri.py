"""Elder ray."""

from typing import Any, NamedTuple

from livermore.indicators._averages import moving_average
from livermore.indicators._memo import indicator
from livermore.indicators._source import HIGH, LOW, Series, source


class ERI(NamedTuple):
    """Elder ray: floats, or arrays with ``sequential=True``."""

    bull: Any
    bear: Any


@indicator(batched=True, min_rows=lambda period, **_: period)
def eri(
    candles: Series, period: int = 13, matype: int = 1, source_type: str = "close", sequential: bool = False
) -> ERI:
    """Compute the Elder ray.

    The distance of high and low from a moving average.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    period : int, default 13
        Number of bars in the window.
    matype : int, default 1
        Number of the moving average; see `livermore.indicators.ma`.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    ERI
        `bull` is high - average; `bear` low - average. Floats, or arrays of shape (n,). A number from the
        first row on with the default average.

    References
    ----------
    A. Elder, Trading for a Living, 1993.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.eri(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    bull=-2.6751 bear=-6.0151
    """
    middle = moving_average(candles, source(candles, source_type), period, matype)
    return ERI(candles[:, HIGH] - middle, candles[:, LOW] - middle)
