# cython: language_level=3
"""Recursive filters: linear ones by their coefficients, and John Ehlers' nonlinear ones.

Formulas: J. Ehlers, Rocket Science for Traders (2001) and Cybernetic Analysis for Stocks and Futures (2004).
"""

from collections.abc import Sequence

import cython
import numpy as np
from cython.cimports.libc.math import sqrt

from livermore.errors import IndicatorError
from livermore.indicators._kernels.batch import Values, grid, shaped


def linear(x: Values, head: Values, forward: Sequence[float], feedback: Sequence[float], start: int) -> Values:
    """Compute y[t] = Σ forward[k]·x[t-k] + Σ feedback[k]·y[t-1-k] from row `start` on; `head` before.

    The rows before the first count as zero.
    """
    if start < 0:
        raise IndicatorError(f"a filter cannot start at row {start}")
    rows = grid(x)
    out = np.ascontiguousarray(np.broadcast_to(head, x.shape), dtype=np.float64).reshape(rows.shape).copy()
    _linear(rows, np.asarray(forward, dtype=np.float64), np.asarray(feedback, dtype=np.float64), start, out)
    return shaped(out, x)


def fading_peak(x: Values, fade: float) -> Values:
    """Return the largest distance from zero so far, which fades by a factor at each row."""
    rows = grid(x)
    out = np.empty(rows.shape)
    _fading_peak(rows, fade, out)
    return shaped(out, x)


def last_turns(x: Values) -> list[Values]:
    """Return the last peak and the last valley; those of the first rows are the values there."""
    rows = grid(x)
    peaks = np.empty(rows.shape)
    valleys = np.empty(rows.shape)
    _last_turns(rows, peaks, valleys)
    return [shaped(peaks, x), shaped(valleys, x)]


def flex(smooth: Values, period: int, slope_share: float) -> Values:
    """Ehlers' reflex (slope_share 1) and trendflex (0) of a smoothed series; 0 before row `period`."""
    rows = grid(smooth)
    out = np.zeros(rows.shape)
    if period > 0:
        _flex(rows, period, slope_share, np.zeros(rows.shape[1]), out)
    return shaped(out, smooth)


def laguerre_strength(x: Values, alpha: float) -> Values:
    """Ehlers' Laguerre RSI, 0 to 1."""
    rows = grid(x)
    out = np.zeros(rows.shape)
    if len(rows):
        _laguerre_strength(rows, alpha, np.empty((8, rows.shape[1])), out)
    return shaped(out, x)


def predictor(filt: Values, order: int) -> Values:
    """Ehlers' Voss predictor of a band-passed series."""
    rows = grid(filt)
    out = np.zeros(rows.shape)
    if rows.any():  # of zeros, the prediction is zero: an order beyond the series takes no time
        _predictor(rows, order, out)
    return shaped(out, filt)


@cython.ccall
def _linear(
    x: cython.const[cython.double][:, ::1],
    forward: cython.const[cython.double][::1],
    feedback: cython.const[cython.double][::1],
    start: cython.Py_ssize_t,
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    with cython.nogil:
        for i in range(start, x.shape[0]):
            # First all of x, then all of y: the order in which Jesse adds them up.
            for j in range(x.shape[1]):
                out[i, j] = 0.0
            for k in range(forward.shape[0]):
                if k <= i:
                    for j in range(x.shape[1]):
                        out[i, j] += forward[k] * x[i - k, j]
            for k in range(feedback.shape[0]):
                if k < i:
                    for j in range(x.shape[1]):
                        out[i, j] += feedback[k] * out[i - 1 - k, j]


@cython.ccall
def _fading_peak(
    x: cython.const[cython.double][:, ::1], fade: cython.double, out: cython.double[:, ::1]
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    size: cython.double
    old: cython.double
    with cython.nogil:
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                # The old peak decays; a larger value takes its place.
                size = x[i, j] if x[i, j] > 0 else -x[i, j]
                old = fade * out[i - 1, j] if i > 0 else 0.0
                out[i, j] = size if size > old else old


@cython.ccall
def _last_turns(
    x: cython.const[cython.double][:, ::1], peaks: cython.double[:, ::1], valleys: cython.double[:, ::1]
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    with cython.nogil:
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                # The first rows have no neighbours on both sides; they count as peak and as valley.
                if i < 2:
                    peaks[i, j] = x[i, j]
                    valleys[i, j] = x[i, j]
                    continue
                peaks[i, j] = peaks[i - 1, j]
                valleys[i, j] = valleys[i - 1, j]
                if x[i - 1, j] > x[i, j] and x[i - 1, j] > x[i - 2, j]:
                    peaks[i, j] = x[i - 1, j]
                if x[i - 1, j] < x[i, j] and x[i - 1, j] < x[i - 2, j]:
                    valleys[i, j] = x[i - 1, j]


@cython.ccall
def _flex(
    smooth: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    slope_share: cython.double,
    power: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    t: cython.Py_ssize_t
    slope: cython.double
    total: cython.double
    with cython.nogil:
        for i in range(period, smooth.shape[0]):
            for j in range(smooth.shape[1]):
                # The mean distance of the rows before from the line through the window's first and last row (reflex),
                # or from the last row (trendflex), divided by its root mean square.
                slope = slope_share * (smooth[i - period, j] - smooth[i, j]) / period
                total = 0.0
                for t in range(1, period + 1):
                    total += smooth[i, j] + t * slope - smooth[i - t, j]
                total /= period
                power[j] = 0.04 * total * total + 0.96 * power[j]
                out[i, j] = total / sqrt(power[j]) if power[j] > 0 or power[j] != power[j] else 0.0


@cython.ccall
def _laguerre_strength(
    x: cython.const[cython.double][:, ::1],
    alpha: cython.double,
    stages: cython.double[:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    # stages: the four stages of the Laguerre filter at this row, and those of the row before.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    gap: cython.double
    up: cython.double
    down: cython.double
    gamma: cython.double = 1 - alpha
    with cython.nogil:
        for j in range(x.shape[1]):
            for k in range(8):
                stages[k, j] = x[0, j]
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                for k in range(4):
                    stages[4 + k, j] = stages[k, j]
                stages[0, j] = alpha * x[i, j] + gamma * stages[4, j]
                up = 0.0
                down = 0.0
                for k in range(1, 4):
                    stages[k, j] = -gamma * stages[k - 1, j] + stages[3 + k, j] + gamma * stages[4 + k, j]
                for k in range(3):
                    gap = stages[k, j] - stages[k + 1, j]
                    if gap > 0:
                        up += gap
                    else:
                        down -= gap
                out[i, j] = up / (up + down) if up + down != 0 else 0.0


@cython.ccall
def _predictor(
    filt: cython.const[cython.double][:, ::1], order: cython.Py_ssize_t, out: cython.double[:, ::1]
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    total: cython.double
    size: cython.double = order
    with cython.nogil:
        for i in range(filt.shape[0]):
            for j in range(filt.shape[1]):
                # Rows before the first count as zero and are left out, so the loop is never longer than the series.
                total = 0.0
                for k in range(order - i if order > i else 0, order):
                    total += (k + 1) / size * out[i - (order - k), j]
                out[i, j] = (3 + size) / 2 * filt[i, j] - total
