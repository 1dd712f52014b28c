"""Support and resistance with breaks."""

import math
from typing import Annotated, Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import averages
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Amount, Whole
from livermore.indicators._postprocess import itself
from livermore.indicators._source import HIGH, LOW, VOLUME, Series


class SupportResistanceWithBreaks(NamedTuple):
    """Support and resistance with breaks: floats, or arrays with ``sequential=True``."""

    support: Any
    resistance: Any
    red_break: Any
    green_break: Any
    bear_wick: Any
    bull_wick: Any


@indicator(windowed=False, last=itself)
def support_resistance_with_breaks(
    candles: Series,
    left_bars: Annotated[int, Whole(0)] = 15,
    right_bars: Annotated[int, Whole(0)] = 15,
    vol_threshold: Amount = 20,
) -> SupportResistanceWithBreaks:
    """Compute the support and resistance with breaks.

    The last pivot low and pivot high, and whether a candle breaks them. As in Jesse, that candle is the
    **first** of all given candles, which are not cut to a window.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    left_bars : int, default 15
        Number of candles before a pivot.
    right_bars : int, default 15
        Number of candles after a pivot.
    vol_threshold : int, default 20
        How much the volume must exceed its average, in percent.

    Returns
    -------
    SupportResistanceWithBreaks
        `support` is the last pivot low; `resistance` the last pivot high; `red_break` whether the support
        broke, on volume; `green_break` whether the resistance broke, on volume; `bear_wick` whether the
        support broke with a long upper wick; `bull_wick` whether the resistance broke with a long lower
        wick. NaN where there is no pivot.

    References
    ----------
    LuxAlgo, Support and Resistance Levels with Breaks.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.support_resistance_with_breaks(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    support=100.3900 resistance=119.1000 red_break=0.0000 green_break=0.0000 bear_wick=1.0000 bull_wick=0.0000
    """
    support = last_pivot(-candles[:, LOW], left_bars, right_bars) * -1
    resistance = last_pivot(candles[:, HIGH], left_bars, right_bars)
    short, long = averages.ema(candles[:, VOLUME], 5)[-1], averages.ema(candles[:, VOLUME], 10)[-1]
    busy = 100 * (short - long) / long > vol_threshold if long else False
    _, opening, close, high, low, _ = candles[0]
    upper_wick, lower_wick = abs(opening - close) < abs(high - opening), abs(opening - low) > abs(close - opening)
    return SupportResistanceWithBreaks(
        support,
        resistance,
        bool(close < support and not upper_wick and busy),
        bool(close > resistance and not upper_wick and busy),
        bool(close < support and upper_wick),
        bool(close > resistance and lower_wick),
    )


def last_pivot(values: Series, left: int, right: int) -> float:
    """Return the last value above those of `left` rows before and `right` rows after it; NaN if there is none."""
    for row in range(len(values) - right - 1, left - 1, -1):
        window = values[row - left : row + right + 1]
        if values[row] == window.max() and np.count_nonzero(window == values[row]) == 1:
            return float(values[row])
    return math.nan
