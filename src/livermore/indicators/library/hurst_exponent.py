"""Hurst exponent."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated

import numpy as np

from livermore.errors import IndicatorError
from livermore.indicators._kernels import rolling
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period, Whole, one_of
from livermore.indicators._postprocess import itself
from livermore.indicators._source import Series, source


@indicator(last=itself)
def hurst_exponent(
    candles: Series,
    min_chunksize: Period = 8,
    max_chunksize: Period = 200,
    num_chunksize: Annotated[int, Whole(1, 10_000)] = 5,
    method: Annotated[int, one_of(0, 1, 2)] = 1,
    source_type: str = "close",
) -> float | None:
    """Compute the Hurst exponent.

    Measures persistence: 0.5 for a random walk, above it for a trending series, below it for a mean-reverting
    one. Method 0 is the slope of log(rescaled range of the changes) over log(chunk size), method 1 that of
    log(root mean square distance from the moving average) over log(its length), method 2 half the binary
    logarithm of the power of second differences at distance 2 over that at distance 1.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    min_chunksize : int, default 8
        Smallest chunk, or length of the average.
    max_chunksize : int, default 200
        Largest chunk, or length of the average.
    num_chunksize : int, default 5
        Number of chunk sizes (method 0), or the step between lengths (method 1).
    method : int, default 1
        0 rescaled range, 1 distance from the moving average, 2 second differences.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.

    Returns
    -------
    float or None
        The exponent.

    References
    ----------
    H. Hurst, 1951; E. Alessio et al., Second-order moving average and scaling, 2002; J. Istas and G. Lang,
    1997.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.hurst_exponent(ta.example_candles()):.4f}")
    0.1054
    """
    if min_chunksize > max_chunksize:
        raise IndicatorError(
            f"hurst_exponent: min_chunksize={min_chunksize} is above max_chunksize={max_chunksize}; it must not be"
        )
    exponent = METHODS[method](source(candles, source_type), min_chunksize, max_chunksize + 1, num_chunksize)
    return None if math.isnan(exponent) else exponent


def rescaled_range(values: Series, smallest: int, largest: int, count: int) -> float:
    """Slope of the logarithm of the mean rescaled range of the changes; sizes without any count as 1."""
    steps = np.diff(values)
    sizes = np.linspace(smallest, largest, count).astype(np.int64)
    logs = np.zeros(count)
    for place, size in enumerate(sizes):
        chunks = steps[: len(steps) // size * size].reshape(-1, size)
        spread = chunks.std(axis=1)
        path = np.cumsum(chunks - chunks.mean(axis=1, keepdims=True), axis=1)
        moving = spread > 0
        if moving.any():
            logs[place] = math.log(((path.max(axis=1) - path.min(axis=1))[moving] / spread[moving]).mean())
    return slope(np.log(sizes), logs)


def distance_from_average(values: Series, smallest: int, largest: int, step: int) -> float:
    """Slope of the logarithm of the distance from moving averages; NaN where there is none."""
    if len(values) <= largest:
        return math.nan
    lengths = np.arange(smallest, largest, step)
    powers = [np.mean((values - rolling.mean(values, int(length)))[largest:] ** 2) for length in lengths]
    if min(powers) <= 0:
        return math.nan
    return slope(np.log10(lengths), np.log10(np.sqrt(powers)))


def second_differences(values: Series, smallest: int, largest: int, count: int) -> float:
    """Half the binary logarithm of the power at distance 2 over that at distance 1."""
    path = np.cumsum(np.diff(values))
    if len(path) < 5:
        return math.nan
    near = np.mean((path[2:] - 2 * path[1:-1] + path[:-2]) ** 2)
    far = np.mean((path[4:] - 2 * path[2:-2] + path[:-4]) ** 2)
    return 0.5 * math.log2(far / near) if near > 0 and far > 0 else math.nan


def slope(x: Series, y: Series) -> float:
    """Slope of the least-squares line; NaN where all x are equal."""
    away = x - x.mean()
    if not away.any():
        return math.nan
    return float((away * (y - y.mean())).sum() / (away * away).sum())


METHODS: Mapping[int, Callable[[Series, int, int, int], float]] = MappingProxyType(
    {0: rescaled_range, 1: distance_from_average, 2: second_differences}
)
