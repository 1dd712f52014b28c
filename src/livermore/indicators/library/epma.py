"""End point moving average."""

from typing import Annotated

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Whole
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, lookback=lambda period, offset, **_: period + offset + 2)
def epma(
    candles: Series,
    period: int = 11,
    offset: Annotated[int, Whole(0)] = 4,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the end point moving average.

    Weights period - k - offset for the value k rows ago, k = 0 … period - 2, divided by their sum. The
    first period + offset + 1 values are x itself.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 11
        Number of bars in the window.
    offset : int, default 4
        Subtracted from all weights.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.epma(ta.example_candles()):.4f}")
    108.2616
    """
    return _averages.epma(source(candles, source_type), period, offset)
