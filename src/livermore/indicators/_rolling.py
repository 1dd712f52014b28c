"""States and values of a recursion at the end of many windows of a series.

The window of a call that is not sequential is the last ``warm_up_candles`` rows. Windows of neighbouring bars overlap,
but each starts its recursion at its own first row, as in Jesse, so their values differ from those of one long series.
"""

from functools import cache
from types import ModuleType
from typing import NamedTuple

import numpy as np

from livermore.indicators._kernels import recursions
from livermore.indicators._kernels.recursions import Recursion
from livermore.typing import Floats, Integers, Rows

# How many windows `Recursion.run` computes side by side, at most.
LANES = 32
# Within these bounds the quotients of the second build are rounded exactly; no intermediate result underflows.
LEAST, MOST = 1e-270, 1e270


class Windows(NamedTuple):
    """Windows of `rows` rows in a series; the first begins with its first row, the next `step` rows later."""

    rows: int
    step: int = 1

    def count(self, length: int) -> int:
        """Return how many there are in a series of `length` rows."""
        return (length - self.rows) // self.step + 1


@cache
def fastest_build() -> ModuleType:
    """Return the recursions that are compiled for AVX2 where the processor has it, else those for any processor."""
    if recursions.has_wide_vectors():
        try:
            from livermore.indicators._kernels import recursions_wide
        except ImportError:
            return recursions
        wide: ModuleType = recursions_wide
        return wide
    return recursions


def last_values(recursion: Recursion, candles: Rows, windows: Windows) -> Floats | None:
    """Return the values at the end of each window, shape (size, windows).

    Parameters
    ----------
    recursion : Recursion
        The recursion with its parameters.
    candles : ndarray of shape (n, 6)
        All rows of the windows.
    windows : Windows
        Where the windows are.

    Returns
    -------
    ndarray or None
        None where the recursion does not apply: the windows are too short, or a value depends on more than the state.
    """
    computed = _computed(recursion, candles, windows)
    if computed is None:
        return None
    fastest, states = computed
    out = np.empty((recursion.size, states.shape[1]))
    fastest.values(states, out)
    values = out[:, : windows.count(len(candles))]
    return None if recursion.nan_reaches_back and np.isnan(values).any() else values


def last_states(recursion: Recursion, candles: Rows, windows: Windows) -> Floats | None:
    """Return the states at the end of each window, shape (states, windows); otherwise as `last_values`."""
    computed = _computed(recursion, candles, windows)
    return None if computed is None else computed[1][:, : windows.count(len(candles))]


def _computed(recursion: Recursion, candles: Rows, windows: Windows) -> tuple[Recursion, Floats] | None:
    """Return the fastest build of the recursion for these candles and the states, a whole number of lanes."""
    if windows.rows < max(recursion.seed_rows, 1):
        return None
    inputs = recursion.inputs(candles)
    if inputs is None:
        return None
    room = -(-windows.count(len(candles)) // LANES) * LANES
    laid, places = _layout(inputs, windows)
    states = np.empty((recursion.states, room))
    fastest = _build(recursion, laid, windows.rows)
    fastest.run(laid, places, states)
    return fastest, states


def _build(recursion: Recursion, inputs: Floats, rows: int) -> Recursion:
    """Return the same recursion in the build that is fastest for these inputs."""
    build = fastest_build()
    if recursion.averaged and recursion.period > 1:
        # Averages decay by 1 / period per row: the smallest input, decayed over the window, must not underflow.
        least = LEAST / max((1 - 1 / recursion.period) ** rows, LEAST)
        if not build.is_moderate(inputs[: recursion.averaged], least, MOST):
            return recursion
    return recursion if build is recursions else getattr(build, type(recursion).__name__)(**recursion.params)


def _layout(inputs: tuple[Floats, ...], windows: Windows) -> tuple[Floats, Integers]:
    """Lay series out so that one row of consecutive windows is contiguous; return them and the places of the rows.

    Where windows are `step` rows apart, every `step`-th row stands side by side, from the first, then from the second,
    and so on. After the end of each of these parts the last row is repeated, for padding lanes.
    """
    rows, step = windows
    length = len(inputs[0])
    width = -(-length // step) + LANES
    laid = np.empty((len(inputs), width * step))
    for series, x in zip(laid, inputs, strict=True):
        series[:length] = x
        series[length:] = x[-1]
    row = np.arange(rows)
    if step == 1:
        return laid, row
    parts = np.ascontiguousarray(laid.reshape(len(inputs), width, step).swapaxes(1, 2)).reshape(laid.shape)
    return parts, row % step * width + row // step
