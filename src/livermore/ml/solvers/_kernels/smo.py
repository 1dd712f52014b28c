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
    q: cython.Py_ssize_t = beta.shape[0]
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    t: cython.Py_ssize_t
    step: cython.Py_ssize_t
    best: cython.double
    lowest: cython.double
    gain: cython.double
    best_gain: cython.double
    gap: cython.double
    curvature: cython.double
    delta: cython.double

    for step in range(max_steps):
        i = -1
        best = -1e300
        for t in range(q):
            if score[t] > best and beta[t] < upper[t]:
                best = score[t]
                i = t
        if i < 0:
            return step
        j = -1
        lowest = 1e300
        best_gain = -1.0
        for t in range(q):
            if score[t] < best and beta[t] > lower[t]:
                gap = best - score[t]
                if score[t] < lowest:
                    lowest = score[t]
                curvature = kernel[i, i] + kernel[t, t] - 2.0 * kernel[i, t]
                if curvature < _TINY_CURVATURE:
                    curvature = _TINY_CURVATURE
                gain = gap * gap / curvature
                if gain > best_gain:
                    best_gain = gain
                    j = t
        if j < 0 or best - lowest < tolerance:
            return step
        curvature = kernel[i, i] + kernel[j, j] - 2.0 * kernel[i, j]
        if curvature < _TINY_CURVATURE:
            curvature = _TINY_CURVATURE
        delta = (best - score[j]) / curvature
        # A variable that reaches its bound is set to it exactly, so that it counts as being there.
        if delta >= upper[i] - beta[i] and upper[i] - beta[i] <= beta[j] - lower[j]:
            delta = upper[i] - beta[i]
            beta[i] = upper[i]
            beta[j] = lower[j] if beta[j] - delta < lower[j] else beta[j] - delta
        elif delta >= beta[j] - lower[j]:
            delta = beta[j] - lower[j]
            beta[j] = lower[j]
            beta[i] = upper[i] if beta[i] + delta > upper[i] else beta[i] + delta
        else:
            beta[i] += delta
            beta[j] -= delta
        for t in range(q):
            score[t] -= delta * (kernel[i, t] - kernel[j, t])
    return max_steps
