"""MESA adaptive moving average."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import cycles
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


class MAMA(NamedTuple):
    """MESA adaptive moving average: floats, or arrays with ``sequential=True``."""

    mama: Any
    fama: Any


@indicator(series_ok=True, batched=True)
def mama(
    candles: Series,
    fastlimit: float = 0.5,
    slowlimit: float = 0.05,
    source_type: str = "close",
    sequential: bool = False,
) -> MAMA:
    """Compute the MESA adaptive moving average.

    The phase of the dominant cycle comes from a Hilbert transform; alpha = fastlimit / (fall of the phase in
    degrees), limited to `slowlimit` to `fastlimit`. mama is an exponential average of x with alpha, fama one
    of mama with alpha / 2. Both start from 0.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    fastlimit : float, default 0.5
        Largest alpha.
    slowlimit : float, default 0.05
        Smallest alpha.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    MAMA
        `mama` is the adaptive average; `fama` the following average. Floats, or arrays of shape (n,). A
        number from the first row on.

    References
    ----------
    J. Ehlers, MESA Adaptive Moving Averages, Stocks & Commodities, 2001.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.mama(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    mama=109.5617 fama=111.8849
    """
    return MAMA(*cycles.mesa(source(candles, source_type), fastlimit, slowlimit))
