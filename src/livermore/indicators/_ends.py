"""The last values of many windows of a series, computed side by side; see `indicator`'s option `ends`.

What each function returns is, to the last bit, the last row of a kernel elsewhere on each window alone. What does not
depend on where a window begins (changes, ranges, movements) is computed once for the series.

Series have shape (n,); results have one value a window.
"""

from functools import cache
from types import ModuleType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livermore.indicators._kernels import laying
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


@cache
def widest() -> ModuleType:
    """Return the kernels built for wide vectors where the processor has them, else the plain ones."""
    if not laying.can_be_wider():
        return plain()
    try:
        from livermore.indicators._kernels import abreast_wide
    except ImportError:
        return plain()
    kernels: ModuleType = abreast_wide
    return kernels


def plain() -> ModuleType:
    """Return the kernels for any processor, loaded when they are needed."""
    from livermore.indicators._kernels import abreast

    return abreast


class _Layout:
    """A series' windows as the kernels want them."""

    def __init__(self, length: int, windows: Windows) -> None:
        rows, self._step = windows
        self._rows = rows
        self._width = -(-length // self._step) + ABREAST
        self.count = windows.among(length)
        self.room = -(-self.count // ABREAST) * ABREAST
        row = np.arange(rows)
        self.where: npt.NDArray[np.intp] = (
            row if self._step == 1 else row % self._step * self._width + row // self._step
        )

    def lay(self, x: Series) -> Series:
        """Lay a series out."""
        out = np.empty(self._step * self._width)
        laying.lay(x, self._step, self._width, out)
        return out

    def changes(self, x: Series, period: int) -> tuple[ModuleType, Series, Series]:
        """Return rises and falls of what has been laid out, and the kernels that average them by `period`."""
        rises, falls = np.empty((2, len(x)))
        usual = laying.changes(x, self._step, rises, falls, self._least(period), MOST)
        return self._kernels(usual, period), rises, falls

    def ranges(self, high: Series, low: Series, close: Series, period: int) -> tuple[ModuleType, Series, Series]:
        """Return spans and true ranges of what has been laid out, and the kernels that average them by `period`."""
        spans, ranges = np.empty((2, len(high)))
        usual = laying.ranges(high, low, close, self._step, spans, ranges, self._least(period), MOST)
        return self._kernels(usual, period), spans, ranges

    def movements(self, high: Series, low: Series, period: int) -> tuple[ModuleType, Series, Series]:
        """Return both movements of what has been laid out, and the kernels that average them by `period`."""
        plus, minus = np.empty((2, len(high)))
        usual = laying.movements(high, low, self._step, plus, minus, self._least(period), MOST)
        return self._kernels(usual, period), plus, minus

    def empty(self, *rows: int) -> Series:
        """Return room for as many results as are computed."""
        return np.empty((*rows, self.room))

    def _least(self, period: int) -> float:
        """Return the least number that averages which forget 1 / `period` a row leave above what quotients need."""
        return LEAST / max((1 - 1 / period) ** self._rows, LEAST)

    def _kernels(self, usual: bool, period: int) -> ModuleType:
        """Return the kernels for averages: the plain ones where numbers are extreme."""
        return widest() if usual or period == 1 else plain()


def ema(x: Series, windows: Windows, period: float) -> Series:
    """Return `averages.ema` at the end of each window."""
    layout = _Layout(len(x), windows)
    alpha = 2 / (period + 1)
    x = layout.lay(x)
    out = layout.empty()
    widest().ema(x, alpha * x, alpha, layout.where, out)
    return out[: layout.count]


def macd(x: Series, windows: Windows, periods: tuple[float, float, float]) -> tuple[Series, Series]:
    """Return the difference of a fast and a slow `averages.ema`, and the average of that difference."""
    layout = _Layout(len(x), windows)
    fast, slow, smooth = (2 / (period + 1) for period in periods)
    x = layout.lay(x)
    line, signal = layout.empty(2)
    widest().macd(x, fast * x, slow * x, fast, slow, smooth, layout.where, line, signal)
    return line[: layout.count], signal[: layout.count]


def average_range(high: Series, low: Series, close: Series, windows: Windows, period: int) -> Series:
    """Return `averages.wilder` of `trend.true_range` at the end of each window."""
    layout = _Layout(len(high), windows)
    kernels, spans, ranges = layout.ranges(layout.lay(high), layout.lay(low), layout.lay(close), period)
    out = layout.empty()
    kernels.wilder(spans, ranges, period, layout.where, out)
    return out[: layout.count]


def relative_strength(x: Series, windows: Windows, period: int, last: int) -> Series:
    """Return `trend.relative_strength` in the `last` rows of each window, shape (last, windows)."""
    return strength(*gains_and_losses(x, windows, period, last))


def strength(gains: Series, losses: Series) -> Series:
    """Return the index of average gains and losses, in place of the gains."""
    widest().strength(gains, losses)
    return gains


def gains_and_losses(x: Series, windows: Windows, period: int, last: int) -> tuple[Series, Series]:
    """Return the averages that the index compares; both have room for more windows than there are."""
    layout = _Layout(len(x), windows)
    kernels, rises, falls = layout.changes(layout.lay(x), period)
    gains, losses = layout.empty(2, last)
    kernels.smoothed(rises, falls, period, layout.where, gains, losses)
    return gains, losses


def stochastic(x: Series, period: int, k: int, d: int) -> tuple[Series, Series]:
    """Return k in the last `d` rows, shape (d, windows), and d, of where x lies in its range.

    Shape (period + k + d - 2, windows), as `relative_strength` returns it. Where a k is NaN, d is not what
    `rolling.mean_of_numbers` makes of it.
    """
    raw, fast, slow = np.empty((k + d - 1, x.shape[1])), np.empty((d, x.shape[1])), np.empty(x.shape[1])
    widest().stochastic(x, period, raw, fast, slow)
    return fast, slow


def directional_index(high: Series, low: Series, close: Series, windows: Windows, period: int) -> Series:
    """Return `trend.directional_index` at the end of each window and what it goes on from, shape (4, windows)."""
    layout = _Layout(len(high), windows)
    high, low, close = map(layout.lay, (high, low, close))
    kernels, plus, minus = layout.movements(high, low, period)
    others, _, ranges = layout.ranges(high, low, close, period)
    out = layout.empty(4)
    chosen = kernels if kernels is others else plain()
    chosen.directional_index(plus, minus, ranges, period, layout.where, out)
    return out[:, : layout.count]


def running_sum(x: Series, windows: Windows, period: int) -> Series:
    """Return the sum that `rolling.mean` keeps, at the end of each window, of numbers."""
    layout = _Layout(len(x), windows)
    out = layout.empty()
    widest().running_sum(layout.lay(x), period, layout.where, out)
    return out[: layout.count]


def running_deviation(x: Series, windows: Windows, period: int) -> tuple[Series, Series]:
    """Return `bands.running_deviation` at the end of each window."""
    sums, squares = running_sum(x, windows, period), running_sum(x * x, windows, period)
    widest().deviation(sums, squares, period)
    return sums, squares


def super_trend(high: Series, low: Series, close: Series, windows: Windows, period: int, factor: float) -> Series:
    """Return `trend.super_trend` at the end of each window and what it goes on from, shape (5, windows)."""
    layout = _Layout(len(high), windows)
    high, low, close = map(layout.lay, (high, low, close))
    kernels, spans, ranges = layout.ranges(high, low, close, period)
    out = layout.empty(5)
    kernels.super_trend(spans, ranges, (high + low) / 2, close, period, factor, layout.where, *out)
    return out[:, : layout.count]
