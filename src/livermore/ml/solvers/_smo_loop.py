# cython: language_level=3
"""Sequential minimal optimisation of one small dense subproblem, compiled.

It is compiled because each step reads three arrays once and depends on the step before: numpy would allocate a dozen
arrays per step, and a fit takes tens of thousands of steps.
"""

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
    """Maximise c·β − ½ β·K·β over a box with Σβ fixed, two variables at a time; return the number of steps.

    `score` is the gradient c − K·β and is updated together with `beta`; both are written to. The pair is chosen by
    second-order gain, as in libsvm; the loop stops when no two scores differ by `tolerance`.
    """
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    t: cython.Py_ssize_t
    step: cython.Py_ssize_t
    delta: cython.double
    for step in range(max_steps):
        i = _increasing(beta, upper, score)
        if i < 0:
            return step
        j = _decreasing(kernel, beta, lower, score, i, tolerance)
        if j < 0:
            return step
        # The sum stays fixed: one variable increases by what the other decreases.
        delta = _move(beta, lower, upper, i, j, (score[i] - score[j]) / _curvature(kernel, i, j))
        # The gradient changes by two rows of the kernel, which is symmetric, so that both are read contiguously.
        for t in range(beta.shape[0]):
            score[t] -= delta * (kernel[i, t] - kernel[j, t])
    return max_steps


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _curvature(kernel: cython.float[:, ::1], i: cython.Py_ssize_t, j: cython.Py_ssize_t) -> cython.double:
    """Return the second derivative along the pair, above zero even if two rows are equal."""
    value: cython.double = kernel[i, i] + kernel[j, j] - 2.0 * kernel[i, j]
    return value if value > _TINY_CURVATURE else _TINY_CURVATURE


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _increasing(beta: cython.double[::1], upper: cython.double[::1], score: cython.double[::1]) -> cython.Py_ssize_t:
    """Return the variable with the highest score among those that may increase; −1 if none may."""
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
def _decreasing(
    kernel: cython.float[:, ::1],
    beta: cython.double[::1],
    lower: cython.double[::1],
    score: cython.double[::1],
    i: cython.Py_ssize_t,
    tolerance: cython.double,
) -> cython.Py_ssize_t:
    """Return the variable that gains most by decreasing while `i` increases; −1 if no score is `tolerance` lower."""
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
    # The gap to the lowest score is the violation of the optimality conditions, whichever pair gains most.
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
    """Increase `i` and decrease `j` by `delta`, or by what their bounds allow; return that amount.

    A variable that reaches its bound is set to it exactly: `_increasing` and `_decreasing` compare with the bounds.
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
