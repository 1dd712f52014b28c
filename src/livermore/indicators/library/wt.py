"""WaveTrend."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import averages, elementwise, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Amount
from livermore.indicators._source import Series, source


class Wavetrend(NamedTuple):
    """WaveTrend: floats, or arrays with ``sequential=True``."""

    wt1: Any
    wt2: Any
    wtCrossUp: Any  # noqa: N815 -- as in Jesse
    wtCrossDown: Any  # noqa: N815 -- as in Jesse
    wtOversold: Any  # noqa: N815 -- as in Jesse
    wtOverbought: Any  # noqa: N815 -- as in Jesse
    wtVwap: Any  # noqa: N815 -- as in Jesse


@indicator(batched=True)
def wt(
    candles: Series,
    wtchannellen: int = 9,
    wtaveragelen: int = 12,
    wtmalen: int = 3,
    oblevel: Amount = 53,
    oslevel: Amount = -53,
    source_type: str = "hlc3",
    sequential: bool = False,
) -> Wavetrend:
    """Compute the WaveTrend.

    With e the exponential average of x: ci = (x - e) / (0.015·EMA(|x - e|)), 0 where x does not change; wt1
    is the exponential average of ci, wt2 the moving mean of wt1, over fewer rows at the start.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    wtchannellen : int, default 9
        Number of bars of the channel.
    wtaveragelen : int, default 12
        Number of bars of the wave.
    wtmalen : int, default 3
        Number of bars of its mean.
    oblevel : int, default 53
        From here on the market is overbought.
    oslevel : int, default -53
        From here down the market is oversold.
    source_type : str, default "hlc3"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    Wavetrend
        `wt1` is the wave; `wt2` its mean; `wtCrossUp` wt2 ≤ wt1; `wtCrossDown` wt2 ≥ wt1; `wtOversold` wt2
        ≤ oslevel; `wtOverbought` wt2 ≥ oblevel; `wtVwap` wt1 - wt2. Floats, or arrays of shape (n,). A
        number from the first row on.

    Notes
    -----
    As in Jesse, source_type "hl2" and "volume" mean "close" here.

    References
    ----------
    LazyBear, WaveTrend Oscillator.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.wt(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    wt1=-42.7486 wt2=-35.7087 wtCrossUp=0.0000 wtCrossDown=1.0000 wtOversold=0.0000 wtOverbought=0.0000 wtVwap=-7.0399
    """
    values = source(candles, "close" if source_type in ("hl2", "volume") else source_type)
    middle = averages.ema(values, wtchannellen)
    spread = averages.ema(np.abs(values - middle), wtchannellen)
    wt1 = averages.ema(elementwise.ratio(values - middle, 0.015 * spread, 0.0), wtaveragelen)
    wt2 = rolling.mean_by_differences(wt1, wtmalen)
    return Wavetrend(wt1, wt2, wt2 <= wt1, wt2 >= wt1, wt2 <= oslevel, wt2 >= oblevel, wt1 - wt2)
