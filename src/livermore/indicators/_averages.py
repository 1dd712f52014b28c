"""Moving averages of a series of values, and their numbers: the parameter ``matype`` of other indicators."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from livermore.errors import IndicatorError
from livermore.indicators import _kernels as kernels
from livermore.indicators._source import TIMESTAMP, VOLUME, Series


def moving_average(candles: Series, values: Series, period: int, matype: int) -> Series:
    """Average `values` by the moving average numbered `matype`.

    Parameters
    ----------
    candles : ndarray of shape (n, 6), or (n,) where there are only values
        The candles that the values come from: some averages need volume and time.
    values : ndarray of shape (n,)
        The values to average.
    period : int
        Number of bars.
    matype : int
        Number of the average.

    Returns
    -------
    ndarray of shape (n,)
        The average; its other parameters have their defaults.

    Raises
    ------
    IndicatorError
        If the average needs candles and there is only a series of values.
    """
    average = AVERAGES.get(matype)
    if average is not None:
        return average(values, period)
    if candles.ndim == 1:
        check_candle_free(matype)
    return NEED_CANDLES[matype](candles, values, period)


def check_candle_free(*matypes: int) -> None:
    """Refuse averages that need volume where there are only values."""
    for matype in matypes:
        if matype in NEED_CANDLES:
            raise IndicatorError(f"matype={matype!r} averages by volume: it needs candles, and got a series of values")


def needs(values: Series, rows: int, average: Series) -> Series:
    """Return the average, or all NaN where there are fewer rows than it needs."""
    return average if rows <= len(values) else np.full(values.shape, np.nan)


def skipping(average: Callable[[Series], Series], values: Series) -> Series:
    """Average the values that are not NaN; the result is NaN where they are."""
    there = ~np.isnan(values)
    if there.all():
        return average(values)
    out = np.full(values.shape, np.nan)
    if values.ndim == 1:
        if there.any():
            out[there] = average(values[there])
        return out
    for lane in range(values.shape[1]):
        out[:, lane] = skipping(average, values[:, lane])
    return out


def ema(values: Series, period: int) -> Series:
    """Exponential average; NaN throughout where there are fewer rows than `period`."""
    return needs(values, period, kernels.averages.ema(values, period))


def weighted(values: Series, period: int, weights: Callable[[], Series]) -> Series:
    """Weighted mean over a window, the oldest row first; all NaN if there are fewer rows than `period`.

    `weights` is called only if there are enough rows, so a period of a billion costs nothing on a short series.
    """
    if period > len(values):
        return np.full(values.shape, np.nan)
    made = weights()
    return kernels.windows.weighted(values, made / made.sum())


def wma(values: Series, period: int) -> Series:
    """Linearly weighted average, the latest row heaviest."""
    return weighted(values, period, lambda: np.arange(1.0, period + 1))


def dema(values: Series, period: int) -> Series:
    """Double exponential average."""
    once = kernels.averages.ema(values, period)
    return 2 * once - kernels.averages.ema(once, period)


def tema(values: Series, period: int) -> Series:
    """Triple exponential average."""
    once = kernels.averages.ema(values, period)
    twice = kernels.averages.ema(once, period)
    average: Series = 3 * once - 3 * twice + kernels.averages.ema(twice, period)
    return average


def trima(values: Series, period: int) -> Series:
    """Triangular average: the middle of the window is heaviest."""
    return weighted(values, period, lambda: np.minimum(np.arange(period), np.arange(period)[::-1]) + 1.0)


def kama(values: Series, period: int, fast: int = 2, slow: int = 30) -> Series:
    """Kaufman's adaptive average; the values themselves in the first `period` rows."""
    slowest = 2 / (slow + 1)
    rate = kernels.averages.efficiency(values, period) * (2 / (fast + 1) - slowest) + slowest
    return kernels.averages.adaptive(values, rate * rate, period)


def maaq(values: Series, period: int, fast: int = 2, slow: int = 30) -> Series:
    """Adaptive average Q; the values themselves in the first `period` rows. NaN values are skipped."""

    def average(known: Series) -> Series:
        rate = kernels.averages.efficiency(known, period) * (2 / (fast + 1)) + 2 / (slow + 1)
        return kernels.averages.adaptive(known, rate * rate, period)

    return skipping(average, values)


def fwma(values: Series, period: int) -> Series:
    """Average weighted by Fibonacci's numbers, the latest row heaviest."""
    return weighted(values, period, lambda: fibonacci(period))


def fibonacci(count: int) -> Series:
    """Return the first numbers of Fibonacci's series; beyond 1,000, where they overflow, powers of the golden ratio."""
    if count > 1000:
        golden: Series = ((1 + math.sqrt(5)) / 2) ** np.arange(1.0 - count, 1.0)
        return golden
    numbers = [1.0, 1.0]
    while len(numbers) < count:
        numbers.append(numbers[-1] + numbers[-2])
    return np.array(numbers[:count])


def hma(values: Series, period: int) -> Series:
    """Hull's average; the averages inside are 0, not NaN, where they have too few rows."""
    raw = 2 * zero_first(wma(values, period // 2), period // 2) - zero_first(wma(values, period), period)
    root = math.isqrt(period)
    return zero_first(wma(raw, root), root)


def zero_first(average: Series, period: int) -> Series:
    """Set the average to 0, in place, where there are fewer rows than its period."""
    average[: max(period - 1, 0)] = 0.0
    return average


def linearreg(values: Series, period: int) -> Series:
    """End of the least-squares line through the window."""
    return kernels.windows.regression_end(values, period)


def sinwma(values: Series, period: int) -> Series:
    """Average weighted by half a sine wave."""
    return weighted(values, period, lambda: np.sin(np.arange(1, period + 1) * math.pi / (period + 1)))


def supersmoother(values: Series, period: float) -> Series:
    """Ehlers' two-pole smoother; the values themselves in the first two rows."""
    a = math.exp(-1.414 * math.pi / period)
    b = 2 * a * math.cos(1.414 * math.pi / period)
    c = (1 + a * a - b) / 2
    return kernels.filters.linear(values, values, [c, c], [b, -a * a], 2)


def supersmoother_3_pole(values: Series, period: float) -> Series:
    """Ehlers' three-pole smoother; the values themselves in the first three rows."""
    a = math.exp(-math.pi / period)
    b = 2 * a * math.cos(1.738 * math.pi / period)
    c = a * a
    return kernels.filters.linear(values, values, [1 - c * c - b + b * c], [b + c, -c - b * c, c * c], 3)


def gauss(values: Series, period: int, poles: int = 4) -> Series:
    """Ehlers' Gaussian filter with `poles` poles, at most four, starting from zero; NaN values are skipped."""
    beta = (1 - math.cos(2 * math.pi / period)) / (2 ** (1 / poles) - 1)
    alpha = -beta + math.sqrt(beta * beta + 2 * beta)
    order = min(poles, 4)
    feedback = [-((-1) ** k) * math.comb(order, k) * (1 - alpha) ** k for k in range(1, order + 1)]
    return skipping(lambda known: kernels.filters.linear(known, known, [alpha**order], feedback, 0), values)


def high_pass(values: Series, period: float) -> Series:
    """Ehlers' one-pole high-pass filter; the value itself in the first row."""
    angle = 2 * math.pi / period
    alpha = 1 + (math.sin(angle) - 1) / math.cos(angle)
    gain = 1 - alpha / 2
    return kernels.filters.linear(values, values, [gain, -gain], [1 - alpha], 1)


def high_pass_2_pole(values: Series, period: float) -> Series:
    """Ehlers' two-pole high-pass filter; the values themselves in the first two rows."""
    angle = 2 * math.pi * 0.707 / period
    alpha = 1 + (math.sin(angle) - 1) / math.cos(angle)
    gain = (1 - alpha / 2) ** 2
    return kernels.filters.linear(values, values, [gain, -2 * gain, gain], [2 * (1 - alpha), -((1 - alpha) ** 2)], 2)


def jma(values: Series, period: int, phase: float = 50, power: int = 2) -> Series:
    """Jurik's average."""
    beta = 0.45 * (period - 1) / (0.45 * (period - 1) + 2)
    ratio = 0.5 if phase < -100 else (2.5 if phase > 100 else phase / 100 + 1.5)
    return kernels.averages.jurik(values, beta, beta**power, ratio)


def reflex(values: Series, period: int) -> Series:
    """Ehlers' reflex."""
    return kernels.elementwise.filled(kernels.filters.flex(supersmoother(values, period / 2), period, 1.0), 0.0)


def trendflex(values: Series, period: int) -> Series:
    """Ehlers' trendflex."""
    return kernels.filters.flex(supersmoother(values, period / 2), period, 0.0)


def pwma(values: Series, period: int) -> Series:
    """Average weighted by a row of Pascal's triangle."""
    return weighted(values, period, lambda: pascal(period - 1))


def pascal(row: int) -> Series:
    """Return a row of Pascal's triangle; beyond 1,000, where the numbers overflow, divided by their sum."""
    if row > 1000:
        logs = [math.lgamma(row + 1) - math.lgamma(k + 1) - math.lgamma(row - k + 1) for k in range(row + 1)]
        shares: Series = np.exp(np.array(logs) - row * math.log(2))
        return shares
    return np.array([math.comb(row, k) for k in range(row + 1)], dtype=np.float64)


def swma(values: Series, period: int) -> Series:
    """Average weighted by a symmetric triangle."""
    return trima(values, period)


def alma(values: Series, period: int, sigma: float = 6.0, offset: float = 0.85) -> Series:
    """Arnaud Legoux's average: Gaussian weights around a point near the window's end."""

    def weights() -> Series:
        distance = np.arange(period) - offset * (period - 1)
        bell: Series = np.exp(-distance * distance / (2 * (period / sigma) ** 2))
        return bell

    return weighted(values, period, weights)


def hwma(values: Series, na: float = 0.2, nb: float = 0.1, nc: float = 0.1) -> Series:
    """Holt and Winter's average; NaN values are skipped."""
    return skipping(lambda known: kernels.averages.holt_winter(known, na, nb, nc), values)


def nma(values: Series, period: int) -> Series:
    """Sloman's natural average."""
    return kernels.averages.natural(values, kernels.elementwise.logarithm(values), period)


def mwdx(values: Series, factor: float = 0.2) -> Series:
    """Exponential average with a given alpha."""
    return kernels.averages.decay(values, factor)


def powered(values: Series, period: int, power: float) -> Series:
    """Average of the last period - 1 rows, weighted by powers of their rank; the values themselves at first."""
    out = weighted(values, period - 1, lambda: np.arange(2.0, period + 1) ** power)
    out[: period + 1] = values[: period + 1]
    return out


def epma(values: Series, period: int, offset: int = 4) -> Series:
    """End point average; the values themselves in the first rows."""
    out = weighted(values, period - 1, lambda: np.arange(2.0, period + 1) - offset)
    out[: period + offset + 1] = values[: period + offset + 1]
    return out


def jsa(values: Series, period: int) -> Series:
    """Mean of the value and the one `period` rows ago."""
    return (values + kernels.elementwise.lag(values, period)) / 2


def rows_so_far(values: Series, period: int) -> Series:
    """Return the number of rows of each window, at most `period`, in a shape that divides `values`."""
    count: Series = np.minimum(np.arange(1.0, len(values) + 1), period)
    return count if values.ndim == 1 else count[:, None]


def total_by_cumulation(values: Series, period: int) -> Series:
    """Sum of the window, or of fewer rows at the start, as the difference of two sums from row 0 on."""
    sums = np.cumsum(values, axis=0)
    out = sums.copy()
    if period < len(values):
        out[period:] -= sums[:-period]
    return out


def vwma(candles: Series, values: Series, period: int) -> Series:
    """Average weighted by volume, over fewer rows at the start. The order of additions is Jesse's."""
    volume = candles[:, VOLUME]
    spent = total_by_cumulation(values * volume, period)
    return kernels.elementwise.ratio(spent, total_by_cumulation(volume, period), math.nan)


def vwap(candles: Series, values: Series, anchor: str = "D") -> Series:
    """Average weighted by volume since the last anchor, such as the start of the day in UTC."""
    return kernels.volumes.anchored(values, candles[:, VOLUME], candles[:, TIMESTAMP] // anchor_length(anchor))


def anchor_length(anchor: str) -> float:
    """Milliseconds between two anchors; a day if the name is unknown, as in Jesse."""
    minutes = {"D": 1440, "H": 60, "4H": 240, "12H": 720, "M": 1, "W": 10_080, "MN": 43_200}
    return 60_000.0 * minutes.get(anchor.upper(), 1440)


AVERAGES: Mapping[int, Callable[[Series, int], Series]] = MappingProxyType(
    {
        0: lambda values, period: kernels.rolling.mean(values, period),
        1: ema,
        2: wma,
        3: dema,
        4: tema,
        5: trima,
        6: kama,
        9: fwma,
        10: hma,
        11: linearreg,
        12: lambda values, period: kernels.averages.wilders(values, period),
        13: sinwma,
        14: supersmoother,
        15: supersmoother_3_pole,
        16: gauss,
        17: high_pass,
        18: high_pass_2_pole,
        20: jma,
        21: reflex,
        22: trendflex,
        23: lambda values, period: kernels.averages.smma(values, period),
        25: pwma,
        26: swma,
        27: alma,
        28: lambda values, _: hwma(values),
        30: nma,
        31: lambda values, period: kernels.averages.distance_coefficients(values, period),
        32: lambda values, _: mwdx(values),
        33: maaq,
        34: lambda values, period: powered(values, period, 0.5),
        35: lambda values, period: powered(values, period, 2),
        36: lambda values, period: powered(values, period, 0.382),
        37: lambda values, period: powered(values, period, 3),
        38: jsa,
        39: epma,
    }
)
NEED_CANDLES: Mapping[int, Callable[[Series, Series, int], Series]] = MappingProxyType(
    {24: vwma, 29: lambda candles, values, _: vwap(candles, values)}
)
