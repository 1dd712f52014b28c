"""Fractal adaptive moving average."""

from typing import Annotated

from livermore.indicators._kernels import cycles
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period, Whole
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


@indicator(batched=True)
def frama(
    candles: Series, window: int = 10, FC: Period = 1, SC: Annotated[int, Whole(2)] = 300, sequential: bool = False
) -> Series:
    """Compute the fractal adaptive moving average.

    D = (ln(n1 + n2) - ln n3) / ln 2 from the ranges of the two halves of the `window` rows before this one,
    and of the whole window; alpha = exp(ln(2/(SC + 1))·(D - 1)), rescaled to lengths between FC and SC.
    Seeded with the mean of the first `window` closes.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    window : int, default 10
        Number of bars; an odd number counts as the next even one.
    FC : int, default 1
        Shortest length.
    SC : int, default 300
        Longest length.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row window - 1.

    References
    ----------
    J. Ehlers, FRAMA: Fractal Adaptive Moving Average, Stocks & Commodities, 2005.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.frama(ta.example_candles()):.4f}")
    111.3147
    """
    even = window + window % 2
    return cycles.fractal_average(candles[:, HIGH], candles[:, LOW], candles[:, CLOSE], even, FC, SC)
