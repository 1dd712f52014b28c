"""Volume price confirmation indicator."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import elementwise, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._source import CLOSE, VOLUME, Series


class VPCI(NamedTuple):
    """Volume price confirmation indicator: floats, or arrays with ``sequential=True``."""

    vpci: Any
    vpcis: Any


@indicator(batched=True)
def vpci(candles: Series, short_range: Period = 5, long_range: Period = 25, sequential: bool = False) -> VPCI:
    """Compute the volume price confirmation indicator.

    (VWMA - SMA, long)·(VWMA / SMA, short)·(SMA of the volume, short / long); `vpcis` is its volume-weighted
    average.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    short_range : int, default 5
        Number of bars of the short averages.
    long_range : int, default 25
        Number of bars of the long averages.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    VPCI
        `vpci` is the confirmation; `vpcis` its average by volume. Floats, or arrays of shape (n,). NaN
        before row long_range - 1.

    References
    ----------
    B. Dormeier, Stocks & Commodities, 2007.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.vpci(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    vpci=-0.1796 vpcis=-0.0929
    """
    close, volume = candles[:, CLOSE], candles[:, VOLUME]
    slow, fast = (
        elementwise.ratio(rolling.mean(close * volume, span), rolling.mean(volume, span), np.nan)
        for span in (long_range, short_range)
    )
    contribution = slow - rolling.mean(close, long_range)
    ratio = elementwise.ratio(fast, rolling.mean(close, short_range), np.nan)
    multiplier = elementwise.ratio(rolling.mean(volume, short_range), rolling.mean(volume, long_range), np.nan)
    vpci = contribution * ratio * multiplier
    smooth = elementwise.ratio(rolling.mean(vpci * volume, short_range), rolling.mean(volume, short_range), np.nan)
    return VPCI(vpci, smooth)
