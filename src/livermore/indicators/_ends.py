"""The last values of many windows of a series, computed side by side; see `indicator`'s option `ends`.

What each function returns is, to the last bit, the last row of a kernel elsewhere on each window alone. What does not
depend on where a window begins (changes, ranges, movements) is computed once for the series.

Series have shape (n,); results have one value a window.
"""

from types import ModuleType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livermore.indicators._kernels import abreast, trend
from livermore.indicators._source import Series

# How many windows the kernels compute abreast at most; they say the same number.
ABREAST = 32
# Between these, quotients of the wide kernels are rounded exactly.
LEAST, MOST = 1e-270, 1e270


class Windows(NamedTuple):
    """Windows of `rows` rows in a series; the first begins with its first row, the next `step` rows later."""

    rows: int
    step: int = 1

    def among(self, length: int) -> int:
        """Return how many there are in a series of `length` rows."""
        return (length - self.rows) // self.step + 1


def _widest() -> ModuleType:
    """Return the kernels built for wide vectors where the processor has them, else the plain ones."""
    if not abreast.can_be_wider():
        return abreast
    try:
        from livermore.indicators._kernels import abreast_wide  # type: ignore[attr-defined]
    except ImportError:
        return abreast
    widest: ModuleType = abreast_wide
    return widest


WIDEST = _widest()


class _Layout:
    """A series' windows as the kernels want them."""

    def __init__(self, length: int, windows: Windows) -> None:
        rows, self.step = windows
        self.count = windows.among(length)
        self.room = -(-self.count // ABREAST) * ABREAST
        self._width = -(-length // self.step) + ABREAST
        row = np.arange(rows)
        self.where: npt.NDArray[np.intp] = row % self.step * self._width + row // self.step

    def lay(self, x: Series) -> Series:
        """Lay a series out: every `step`-th row from the first, then from the second, ... and rows behind its end."""
        out = np.empty((self.step, self._width))
        for start in range(self.step):
            rows = x[start :: self.step]
            out[start, : len(rows)] = rows
            out[start, len(rows) :] = x[len(x) - 1]
        return out.reshape(-1)

    def empty(self, *rows: int) -> Series:
        """Return room for as many results as are computed."""
        return np.empty((*rows, self.room))


def _kernels(period: int, rows: int, *series: Series) -> ModuleType:
    """Return the kernels for averages that forget 1 / `period` a row: the plain ones where numbers are extreme."""
    if WIDEST is abreast or period == 1:
        return WIDEST
    least = LEAST / max((1 - 1 / period) ** rows, LEAST)
    return WIDEST if all(WIDEST.is_between(x, least, MOST) for x in series) else abreast


def ema(x: Series, windows: Windows, period: float) -> Series:
    """Return `averages.ema` at the end of each window."""
    layout = _Layout(len(x), windows)
    alpha = 2 / (period + 1)
    x = layout.lay(x)
    out = layout.empty()
    WIDEST.ema(x, alpha * x, alpha, layout.where, out)
    return out[: layout.count]


def macd(x: Series, windows: Windows, periods: tuple[float, float, float]) -> tuple[Series, Series]:
    """Return the difference of a fast and a slow `averages.ema`, and the average of that difference."""
    layout = _Layout(len(x), windows)
    fast, slow, smooth = (2 / (period + 1) for period in periods)
    x = layout.lay(x)
    line, signal = layout.empty(2)
    WIDEST.macd(x, fast * x, slow * x, fast, slow, smooth, layout.where, line, signal)
    return line[: layout.count], signal[: layout.count]


def average_range(high: Series, low: Series, close: Series, windows: Windows, period: int) -> Series:
    """Return `averages.wilder` of `trend.true_range` at the end of each window."""
    layout = _Layout(len(high), windows)
    span, ranges = high - low, trend.true_range(high, low, close)
    out = layout.empty()
    kernels = _kernels(period, windows.rows, span, ranges)
    kernels.wilder(layout.lay(span), layout.lay(ranges), period, layout.where, out)
    return out[: layout.count]


def relative_strength(x: Series, windows: Windows, period: int, last: int) -> Series:
    """Return `trend.relative_strength` in the `last` rows of each window, shape (last, windows)."""
    gains, losses = gains_and_losses(x, windows, period, last)
    WIDEST.strength(gains, losses)
    return gains


def gains_and_losses(x: Series, windows: Windows, period: int, last: int) -> tuple[Series, Series]:
    """Return the averages that the index compares; both have room for more windows than there are."""
    layout = _Layout(len(x), windows)
    change = np.empty(len(x))
    change[0] = 0.0
    np.subtract(x[1:], x[:-1], out=change[1:])
    gains, losses = layout.empty(2, last)
    kernels = _kernels(period, windows.rows, change)
    up = change > 0
    rises, falls = np.where(up, change, 0.0), np.where(up, 0.0, -change)
    kernels.smoothed(layout.lay(rises), layout.lay(falls), period, layout.where, gains, losses)
    return gains, losses


def stochastic(x: Series, period: int, k: int, d: int) -> tuple[Series, Series]:
    """Return k in the last `d` rows, shape (d, windows), and d, of where x lies in its range.

    Shape (period + k + d - 2, windows), as `relative_strength` returns it. Where a k is NaN, d is not what
    `rolling.mean_of_numbers` makes of it.
    """
    raw, fast, slow = np.empty((k + d - 1, x.shape[1])), np.empty((d, x.shape[1])), np.empty(x.shape[1])
    WIDEST.stochastic(x, period, raw, fast, slow)
    return fast, slow


def directional_index(high: Series, low: Series, close: Series, windows: Windows, period: int) -> Series:
    """Return `trend.directional_index` at the end of each window and what it goes on from, shape (4, windows)."""
    layout = _Layout(len(high), windows)
    plus, minus = trend.directional_movement(high, low)
    ranges = trend.true_range(high, low, close)
    out = layout.empty(4)
    kernels = _kernels(period, windows.rows, plus, minus, ranges)
    kernels.directional_index(layout.lay(plus), layout.lay(minus), layout.lay(ranges), period, layout.where, out)
    return out[:, : layout.count]


def running_sum(x: Series, windows: Windows, period: int) -> Series:
    """Return the sum that `rolling.mean` keeps, at the end of each window, of numbers."""
    layout = _Layout(len(x), windows)
    out = layout.empty()
    WIDEST.running_sum(layout.lay(x), period, layout.where, out)
    return out[: layout.count]


def running_deviation(x: Series, windows: Windows, period: int) -> tuple[Series, Series]:
    """Return `bands.running_deviation` at the end of each window."""
    sums, squares = running_sum(x, windows, period), running_sum(x * x, windows, period)
    WIDEST.deviation(sums, squares, period)
    return sums, squares


def super_trend(high: Series, low: Series, close: Series, windows: Windows, period: int, factor: float) -> Series:
    """Return `trend.super_trend` at the end of each window and what it goes on from, shape (5, windows)."""
    layout = _Layout(len(high), windows)
    span, ranges = high - low, trend.true_range(high, low, close)
    out = layout.empty(5)
    kernels = _kernels(period, windows.rows, span, ranges)
    laid = [layout.lay(x) for x in (span, ranges, (high + low) / 2, close)]
    kernels.super_trend(*laid, period, factor, layout.where, *out)
    return out[:, : layout.count]
