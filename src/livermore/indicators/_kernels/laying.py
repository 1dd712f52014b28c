# cython: language_level=3
"""What the kernels of windows side by side take: series laid out for their windows; changes, ranges and movements.

Where windows are `step` rows apart, `lay` has every `step`-th row stand side by side, from the first, then from the
second, ...; each of these parts has room for `width` rows, and behind the series' end its last row is repeated. What
else is here depends on no more than a row and the one before it, so it is computed once for all windows.

Where a function returns whether numbers are usual: that all of them are 0 or, without their signs, in a range.
"""

import cython

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

    def wide() -> bool:
        """Whether the processor has what the second build of the kernels needs; the compiled one is in the .pxd."""
        return False


def can_be_wider() -> bool:
    """Whether the processor can run the second build of `abreast`."""
    return bool(wide())


@cython.ccall
def lay(
    x: cython.const[cython.double][:], step: cython.Py_ssize_t, width: cython.Py_ssize_t, out: cython.double[::1]
) -> cython.void:
    # The series itself.
    at: cython.Py_ssize_t
    i: cython.Py_ssize_t
    start: cython.Py_ssize_t
    n: cython.Py_ssize_t = x.shape[0]
    with cython.nogil:
        for start in range(step if step < n else n):
            at = start * width
            for i in range((n - 1 - start) // step + 1):
                out[at + i] = x[start + i * step]
        for start in range(step):
            for i in range((n - 1 - start) // step + 1 if start < n else 0, width):
                out[start * width + i] = x[n - 1]


@cython.ccall
def changes(
    x: cython.const[cython.double][::1],
    step: cython.Py_ssize_t,
    rises: cython.double[::1],
    falls: cython.double[::1],
    least: cython.double,
    most: cython.double,
) -> cython.bint:
    # What has been gained and lost since the row before; nothing in the first row.
    width: cython.Py_ssize_t = x.shape[0] // step
    at: cython.Py_ssize_t
    ago: cython.Py_ssize_t
    part: cython.Py_ssize_t
    unusual: cython.Py_ssize_t = 0
    change: cython.double
    with cython.nogil:
        rises[0] = 0.0
        falls[0] = -0.0
        for part in range(step):
            ago = _ago(part, step, width)
            for at in range(part * width + (part == 0), (part + 1) * width):
                change = x[at] - x[at - ago]
                rises[at] = change if change > 0 else 0.0
                falls[at] = 0.0 if change > 0 else -change
                unusual += _is_unusual(change, least, most)
    return unusual == 0


@cython.ccall
def ranges(
    high: cython.const[cython.double][::1],
    low: cython.const[cython.double][::1],
    close: cython.const[cython.double][::1],
    step: cython.Py_ssize_t,
    spans: cython.double[::1],
    out: cython.double[::1],
    least: cython.double,
    most: cython.double,
) -> cython.bint:
    # High - low, and the true range.
    width: cython.Py_ssize_t = high.shape[0] // step
    at: cython.Py_ssize_t
    ago: cython.Py_ssize_t
    part: cython.Py_ssize_t
    unusual: cython.Py_ssize_t = 0
    span: cython.double
    up: cython.double
    down: cython.double
    with cython.nogil:
        spans[0] = out[0] = high[0] - low[0]
        unusual += _is_unusual(spans[0], least, most)
        for part in range(step):
            ago = _ago(part, step, width)
            for at in range(part * width + (part == 0), (part + 1) * width):
                span = high[at] - low[at]
                up = high[at] - close[at - ago]
                up = up if up > 0 else -up
                down = low[at] - close[at - ago]
                down = down if down > 0 else -down
                up = up if up > down else down
                up = up if up > span else span
                spans[at] = span
                out[at] = up
                unusual += _is_unusual(span, least, most) + _is_unusual(up, least, most)
    return unusual == 0


@cython.ccall
def movements(
    high: cython.const[cython.double][::1],
    low: cython.const[cython.double][::1],
    step: cython.Py_ssize_t,
    plus: cython.double[::1],
    minus: cython.double[::1],
    least: cython.double,
    most: cython.double,
) -> cython.bint:
    # The directional movement; none in the first row.
    width: cython.Py_ssize_t = high.shape[0] // step
    at: cython.Py_ssize_t
    ago: cython.Py_ssize_t
    part: cython.Py_ssize_t
    unusual: cython.Py_ssize_t = 0
    up: cython.double
    down: cython.double
    a: cython.double
    b: cython.double
    with cython.nogil:
        plus[0] = minus[0] = 0.0
        for part in range(step):
            ago = _ago(part, step, width)
            for at in range(part * width + (part == 0), (part + 1) * width):
                up = high[at] - high[at - ago]
                down = low[at - ago] - low[at]
                a = up if up > down else 0.0
                b = down if down > up else 0.0
                a = a if a > 0 else 0.0
                b = b if b > 0 else 0.0
                plus[at] = a
                minus[at] = b
                unusual += _is_unusual(a, least, most) + _is_unusual(b, least, most)
    return unusual == 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _ago(part: cython.Py_ssize_t, step: cython.Py_ssize_t, width: cython.Py_ssize_t) -> cython.Py_ssize_t:
    """Return how far in front of the rows of a part those before them stand."""
    return width if part > 0 else 1 - (step - 1) * width


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _is_unusual(x: cython.double, least: cython.double, most: cython.double) -> cython.Py_ssize_t:
    size: cython.double = x if x > 0 else -x
    return 0 if ((size >= least) & (size <= most)) | (size == 0) else 1
