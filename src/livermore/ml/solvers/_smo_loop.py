# cython: language_level=3
"""Sequential minimal optimisation of one small dense subproblem, compiled."""

import cython

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

__all__ = ["minimise_working_set"]

_TINY_CURVATURE = cython.declare(cython.double, 1e-12)
if not cython.compiled:
    _TINY_CURVATURE = 1e-12


@cython.ccall
@cython.nogil
def minimise_working_set(
    kernel: cython.float[:, ::1],
    beta: cython.double[::1],
    lower: cython.double[::1],
    upper: cython.double[::1],
    score: cython.double[::1],
    tolerance: cython.double,
    max_steps: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """Raise c·β − ½ β·K·β over a box with Σβ fixed, two variables at a time; return the number of steps.

    `score` is the gradient c − K·β and is kept up to date with `beta`; both are written to. The pair is chosen by
    second-order gain, as libsvm does; it stops once no pair's scores differ by `tolerance`.
    """
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    t: cython.Py_ssize_t
    step: cython.Py_ssize_t
    delta: cython.double
    for step in range(max_steps):
        i = _rising(beta, upper, score)
        if i < 0:
            return step
        j = _falling(kernel, beta, lower, score, i, tolerance)
        if j < 0:
            return step
        delta = _move(beta, lower, upper, i, j, (score[i] - score[j]) / _curvature(kernel, i, j))
        for t in range(beta.shape[0]):
            score[t] -= delta * (kernel[i, t] - kernel[j, t])
    return max_steps


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _curvature(kernel: cython.float[:, ::1], i: cython.Py_ssize_t, j: cython.Py_ssize_t) -> cython.double:
    """Second derivative along the pair, above zero even where two rows are the same."""
    value: cython.double = kernel[i, i] + kernel[j, j] - 2.0 * kernel[i, j]
    return value if value > _TINY_CURVATURE else _TINY_CURVATURE


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _rising(beta: cython.double[::1], upper: cython.double[::1], score: cython.double[::1]) -> cython.Py_ssize_t:
    """Find the variable with the highest score among those that may rise; −1 if none may."""
    t: cython.Py_ssize_t
    found: cython.Py_ssize_t = -1
    best: cython.double = -1e300
    for t in range(beta.shape[0]):
        if score[t] > best and beta[t] < upper[t]:
            best = score[t]
            found = t
    return found


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _falling(
    kernel: cython.float[:, ::1],
    beta: cython.double[::1],
    lower: cython.double[::1],
    score: cython.double[::1],
    i: cython.Py_ssize_t,
    tolerance: cython.double,
) -> cython.Py_ssize_t:
    """Find the variable that gains most by falling while `i` rises; −1 if no score lies `tolerance` below i's."""
    t: cython.Py_ssize_t
    found: cython.Py_ssize_t = -1
    best: cython.double = score[i]
    lowest: cython.double = best
    gap: cython.double
    gain: cython.double
    best_gain: cython.double = -1.0
    for t in range(beta.shape[0]):
        if score[t] < best and beta[t] > lower[t]:
            gap = best - score[t]
            if score[t] < lowest:
                lowest = score[t]
            gain = gap * gap / _curvature(kernel, i, t)
            if gain > best_gain:
                best_gain = gain
                found = t
    return found if best - lowest >= tolerance else -1


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _move(
    beta: cython.double[::1],
    lower: cython.double[::1],
    upper: cython.double[::1],
    i: cython.Py_ssize_t,
    j: cython.Py_ssize_t,
    delta: cython.double,
) -> cython.double:
    """Raise `i` and lower `j` by `delta`, or by what their bounds allow; return by how much.

    A variable that reaches its bound is set to it exactly, so that it counts as being there.
    """
    if delta >= upper[i] - beta[i] and upper[i] - beta[i] <= beta[j] - lower[j]:
        delta = upper[i] - beta[i]
        beta[i] = upper[i]
        beta[j] = max(beta[j] - delta, lower[j])
    elif delta >= beta[j] - lower[j]:
        delta = beta[j] - lower[j]
        beta[j] = lower[j]
        beta[i] = min(beta[i] + delta, upper[i])
    else:
        beta[i] += delta
        beta[j] -= delta
    return delta
