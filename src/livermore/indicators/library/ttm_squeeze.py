"""TTM squeeze."""

from livermore.indicators._kernels import rolling, statistics, trend
from livermore.indicators._memo import indicator
from livermore.indicators._postprocess import itself
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


@indicator(last=itself)
def ttm_squeeze(
    candles: Series, length_ttms: int = 20, bb_mult_ttms: float = 2.0, kc_mult_low_ttms: float = 2.0
) -> bool:
    """Compute the TTM squeeze.

    Whether the Bollinger bands are **not** inside the Keltner channel.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    length_ttms : int, default 20
        Number of bars of bands and channel.
    bb_mult_ttms : float, default 2.0
        Distance of the bands, in deviations.
    kc_mult_low_ttms : float, default 2.0
        Distance of the channel, in average true ranges.

    Returns
    -------
    bool
        True where there is no squeeze.

    References
    ----------
    J. Carter, Mastering the Trade, 2005.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> ta.ttm_squeeze(ta.example_candles())
    True
    """
    close = candles[:, CLOSE]
    middle, reach = (line[-1] for line in statistics.running_deviation(close, length_ttms))
    reach = bb_mult_ttms * reach
    width = kc_mult_low_ttms * rolling.mean(trend.true_range(candles[:, HIGH], candles[:, LOW], close), length_ttms)[-1]
    return bool(middle - reach < middle - width or middle + reach > middle + width)
