# cython: language_level=3
"""Recursive averages: each value is computed from the one before it.

The loops run down the rows and, inside, across the lanes. The order of operations is Jesse's, and part of the results:
a reordered sum differs in its last bits, and an exact tie on tick prices may then go the other way.
"""

import cython
import numpy as np
from cython.cimports.libc.math import sqrt

from livermore.indicators._kernels import recursions
from livermore.indicators._kernels.batch import Values, grid, grids, shaped


def ema(x: Values, period: float) -> Values:
    """Exponential average, alpha = 2 / (period + 1), seeded with the first value."""
    return decay(x, 2 / (period + 1))


def decay(x: Values, alpha: float) -> Values:
    """Exponential average, alpha·x + (1 - alpha)·previous, seeded with the first value."""
    rows = grid(x)
    out = np.empty(rows.shape)
    if len(rows):
        recursions.ema_rows(rows, alpha, out)
    return shaped(out, x)


def wilder(x: Values, period: int) -> Values:
    """Wilder's average: previous + (x - previous) / period, seeded at row period - 1 with the mean; NaN before."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < period <= len(rows):
        recursions.wilder_rows(rows, period, out)
    return shaped(out, x)


def smma(x: Values, period: int) -> Values:
    """Exponentially weighted mean with alpha = 1 / period, the weights of the rows so far adding up to 1."""
    rows = grid(x)
    out = np.empty(rows.shape)
    _smma(rows, 1 / period, np.zeros((2, rows.shape[1])), out)
    return shaped(out, x)


def wilders(x: Values, period: int) -> Values:
    """(previous·(period - 1) + x) / period, seeded with the first value."""
    rows = grid(x)
    out = np.empty(rows.shape)
    if len(rows):
        recursions.smoothed_rows(rows, period, 1, out)
    return shaped(out, x)


def fading_sum(x: Values, period: int) -> Values:
    """(1 - 1 / period)·previous + x, from the first row."""
    rows = grid(x)
    out = rows.copy()
    _fading_sum(rows, 1 - 1 / period, out)
    return shaped(out, x)


def adaptive(x: Values, rate: Values, start: int) -> Values:
    """Compute previous + rate·(x - previous) from row `start` on, with a rate for each row; x itself before."""
    rows, rates = grids(x, rate)
    out = rows.copy()
    _adaptive(rows, rates, max(start, 1), out)
    return shaped(out, x)


def blended(x: Values, rate: Values) -> Values:
    """rate·x + (1 - rate)·previous with a rate for each row, seeded with the first value."""
    rows, rates = grids(x, rate)
    out = rows.copy()
    _blended(rows, rates, out)
    return shaped(out, x)


def efficiency(x: Values, period: int) -> Values:
    """Kaufman's efficiency ratio, |x - x `period` rows ago| / Σ|changes|, 0 where nothing changes; NaN before."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if period > 0:
        _efficiency(rows, period, out)
    return shaped(out, x)


def jurik(x: Values, beta: float, alpha: float, ratio: float) -> Values:
    """Jurik's moving average."""
    rows = grid(x)
    out = np.empty(rows.shape)
    if len(rows):
        _jurik(rows, beta, alpha, ratio, np.zeros((3, rows.shape[1])), out)
    return shaped(out, x)


def holt_winter(x: Values, na: float, nb: float, nc: float) -> Values:
    """Holt and Winter's level, velocity and acceleration."""
    rows = grid(x)
    out = np.empty(rows.shape)
    if len(rows):
        _holt_winter(rows, na, nb, nc, np.zeros((3, rows.shape[1])), out)
    return shaped(out, x)


def mcginley(x: Values, period: int, k: float) -> Values:
    """McGinley's dynamic: previous + (x - previous) / max(k·period·(x / previous)⁴, 1)."""
    rows = grid(x)
    out = rows.copy()
    _mcginley(rows, period, k, out)
    return shaped(out, x)


def distance_coefficients(x: Values, period: int) -> Values:
    """Ehlers' distance coefficient filter; NaN before row 2·period."""
    rows = grid(x)
    out = np.full(rows.shape, np.nan)
    if 0 < 2 * period < len(rows):
        _distance_coefficients(rows, period, np.zeros(rows.shape), out)
    return shaped(out, x)


def natural(x: Values, logs: Values, period: int) -> Values:
    """Sloman's natural moving average; NaN before row period + 1."""
    rows, logarithms = grids(x, logs)
    out = np.full(rows.shape, np.nan)
    if period > 0:
        _natural(rows, logarithms, period, out)
    return shaped(out, x)


def variable_length(x: Values, mean: Values, deviation: Values, shortest: int, longest: int) -> Values:
    """Exponential average whose length grows while x is near its mean and shrinks while it is far from it."""
    rows, means, deviations = grids(x, mean, deviation)
    out = rows.copy()
    _variable_length(rows, means, deviations, shortest, longest, np.full(rows.shape[1], float(longest)), out)
    return shaped(out, x)


@cython.ccall
def _smma(
    x: cython.const[cython.double][:, ::1],
    alpha: cython.double,
    sums: cython.double[:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    with cython.nogil:
        # The weighted sum and the sum of the weights; their quotient is unbiased from the first row on.
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                sums[0, j] = x[i, j] + (1 - alpha) * sums[0, j]
                sums[1, j] = 1 + (1 - alpha) * sums[1, j]
                out[i, j] = sums[0, j] / sums[1, j]


@cython.ccall
def _adaptive(
    x: cython.const[cython.double][:, ::1],
    rate: cython.const[cython.double][:, ::1],
    start: cython.Py_ssize_t,
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    with cython.nogil:
        for i in range(start, x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = out[i - 1, j] + rate[i, j] * (x[i, j] - out[i - 1, j])


@cython.ccall
def _efficiency(
    x: cython.const[cython.double][:, ::1], period: cython.Py_ssize_t, out: cython.double[:, ::1]
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    k: cython.Py_ssize_t
    step: cython.double
    path: cython.double
    with cython.nogil:
        for i in range(period, x.shape[0]):
            for j in range(x.shape[1]):
                # The path is summed for each row: a running sum would carry rounding from one row to the next, and
                # a flat stretch would not come out as exactly 0.
                path = 0.0
                for k in range(i - period + 1, i + 1):
                    step = x[k, j] - x[k - 1, j]
                    path += step if step > 0 else -step
                step = x[i, j] - x[i - period, j]
                step = step if step > 0 else -step
                out[i, j] = step / path if path != 0 else 0.0


@cython.ccall
def _jurik(
    x: cython.const[cython.double][:, ::1],
    beta: cython.double,
    alpha: cython.double,
    ratio: cython.double,
    errors: cython.double[:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    # errors: the fast average, its smoothed error, and the step of the output. Jurik's filter is not published; these
    # are the equations of the open reconstruction that Jesse uses.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    with cython.nogil:
        for j in range(x.shape[1]):
            out[0, j] = x[0, j]
        for i in range(1, x.shape[0]):
            for j in range(x.shape[1]):
                errors[0, j] = (1 - alpha) * x[i, j] + alpha * errors[0, j]
                errors[1, j] = (x[i, j] - errors[0, j]) * (1 - beta) + beta * errors[1, j]
                errors[2, j] = (errors[0, j] + ratio * errors[1, j] - out[i - 1, j]) * (
                    (1 - alpha) * (1 - alpha)
                ) + alpha * alpha * errors[2, j]
                out[i, j] = out[i - 1, j] + errors[2, j]


@cython.ccall
def _holt_winter(
    x: cython.const[cython.double][:, ::1],
    na: cython.double,
    nb: cython.double,
    nc: cython.double,
    state: cython.double[:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    # state: level, velocity and acceleration of the row before.
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    level: cython.double
    velocity: cython.double
    with cython.nogil:
        for j in range(x.shape[1]):
            state[0, j] = x[0, j]
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                level = (1.0 - na) * (state[0, j] + state[1, j] + 0.5 * state[2, j]) + na * x[i, j]
                velocity = (1.0 - nb) * (state[1, j] + state[2, j]) + nb * (level - state[0, j])
                state[2, j] = (1.0 - nc) * state[2, j] + nc * (velocity - state[1, j])
                state[0, j] = level
                state[1, j] = velocity
                out[i, j] = level + velocity + 0.5 * state[2, j]


@cython.ccall
def _mcginley(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    k: cython.double,
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    share: cython.double
    brake: cython.double
    with cython.nogil:
        for i in range(1, x.shape[0]):
            for j in range(x.shape[1]):
                # At least 1: below, the average would overshoot the value that it follows.
                share = x[i, j] / out[i - 1, j]
                brake = k * period * (share * share * share * share)
                brake = brake if brake > 1 else 1.0
                out[i, j] = out[i - 1, j] + (x[i, j] - out[i - 1, j]) / brake


@cython.ccall
def _distance_coefficients(
    x: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    distances: cython.double[:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    t: cython.Py_ssize_t
    j: cython.Py_ssize_t
    i: cython.Py_ssize_t
    k: cython.Py_ssize_t
    weights: cython.double
    total: cython.double
    with cython.nogil:
        # A row's squared distance to the rows before it is the same in every window, so it is computed once per row:
        # the work grows with the period and not with its square.
        for t in range(period, x.shape[0]):
            for k in range(1, period):
                for j in range(x.shape[1]):
                    distances[t, j] += (x[t, j] - x[t - k, j]) * (x[t, j] - x[t - k, j])
        for t in range(2 * period, x.shape[0]):
            for j in range(x.shape[1]):
                weights = 0.0
                total = 0.0
                for i in range(period):
                    weights += distances[t - i, j]
                    total += distances[t - i, j] * x[t - i, j]
                out[t, j] = total / weights if weights != 0 else 0.0


@cython.ccall
def _natural(
    x: cython.const[cython.double][:, ::1],
    logs: cython.const[cython.double][:, ::1],
    period: cython.Py_ssize_t,
    out: cython.double[:, ::1],
) -> cython.void:
    t: cython.Py_ssize_t
    j: cython.Py_ssize_t
    i: cython.Py_ssize_t
    size: cython.double
    weights: cython.double
    total: cython.double
    share: cython.double
    with cython.nogil:
        for t in range(period + 1, x.shape[0]):
            for j in range(x.shape[1]):
                weights = 0.0
                total = 0.0
                # Changes that are no numbers have no weight; the logarithm of a price of 0 is -inf.
                for i in range(period):
                    size = 1000 * (logs[t - i, j] - logs[t - i - 1, j])
                    size = size if size > 0 else -size
                    if size == size:
                        total += size * (sqrt(i + 1) - sqrt(i))
                        weights += size
                share = total / weights if weights != 0 else 0.0
                out[t, j] = x[t - period + 1, j] * share + x[t - period, j] * (1 - share)


@cython.ccall
def _variable_length(
    x: cython.const[cython.double][:, ::1],
    mean: cython.const[cython.double][:, ::1],
    deviation: cython.const[cython.double][:, ::1],
    shortest: cython.double,
    longest: cython.double,
    lengths: cython.double[::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    gap: cython.double
    alpha: cython.double
    with cython.nogil:
        for i in range(1, x.shape[0]):
            for j in range(x.shape[1]):
                # A quarter and seven quarters of the deviation are the bounds of the VLMA's author; where there is no
                # mean yet, the length stays what it is.
                gap = x[i, j] - mean[i, j]
                if gap == gap:
                    gap = gap if gap > 0 else -gap
                    if gap <= 0.25 * deviation[i, j]:
                        lengths[j] += 1
                    elif gap > 1.75 * deviation[i, j]:
                        lengths[j] -= 1
                    if lengths[j] < shortest:
                        lengths[j] = shortest
                    if lengths[j] > longest:
                        lengths[j] = longest
                alpha = 2 / (lengths[j] + 1)
                out[i, j] = x[i, j] * alpha + out[i - 1, j] * (1 - alpha)


@cython.ccall
def _fading_sum(x: cython.const[cython.double][:, ::1], keep: cython.double, out: cython.double[:, ::1]) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    with cython.nogil:
        for i in range(1, x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = keep * out[i - 1, j] + x[i, j]


@cython.ccall
def _blended(
    x: cython.const[cython.double][:, ::1],
    rate: cython.const[cython.double][:, ::1],
    out: cython.double[:, ::1],
) -> cython.void:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    with cython.nogil:
        for i in range(1, x.shape[0]):
            for j in range(x.shape[1]):
                # Not previous + rate·(x - previous) as in `_adaptive`: the two differ in the last bit.
                out[i, j] = rate[i, j] * x[i, j] + (1 - rate[i, j]) * out[i - 1, j]
