"""Jurik moving average."""

from typing import Annotated

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Whole
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def jma(
    candles: Series,
    period: int = 7,
    phase: float = 50,
    power: Annotated[int, Whole(0)] = 2,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the Jurik moving average.

    beta = 0.45·(period - 1) / (0.45·(period - 1) + 2), alpha = beta^power; an exponential average, an average
    of its error, and a second smoothing; `phase` trades overshoot for lag.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 7
        Number of bars in the window.
    phase : float, default 50
        Between -100, least overshoot, and 100, least lag.
    power : int, default 2
        Exponent of the smoothing factor.
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
    M. Jurik; the formula is that of public reconstructions.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.jma(ta.example_candles()):.4f}")
    107.4876
    """
    return _averages.jma(source(candles, source_type), period, phase, power)
