"""Decycler oscillator."""

from typing import Annotated

import numpy as np

from livermore.indicators import _averages
from livermore.indicators._kernels import elementwise
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Whole
from livermore.indicators._source import Series, source


@indicator(batched=True)
def dec_osc(
    candles: Series,
    hp_period: Annotated[int, Whole(2)] = 125,
    k: float = 1,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the decycler oscillator.

    100·k·h(x - h(x, period), period / 2) / x, with h the two-pole high-pass filter.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    hp_period : int, default 125
        Period of the first filter; the second has half of it.
    k : float, default 1
        Factor.
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
    J. Ehlers, Decyclers, Stocks & Commodities, 2015.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.dec_osc(ta.example_candles()):.4f}")
    -0.2391
    """
    values = source(candles, source_type)
    slow = values - _averages.high_pass_2_pole(values, hp_period)
    return 100 * k * elementwise.ratio(_averages.high_pass_2_pole(slow, hp_period // 2), values, np.nan)
