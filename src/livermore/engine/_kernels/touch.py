"""Finds the next minute in which the price reaches an order; compiled, without holding the interpreter."""

import cython

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()


@cython.cclass
class TouchFinder:
    """Looks ahead in one market's minutes for the first that leaves the space between two prices.

    Parameters
    ----------
    rows : ndarray of shape (n, 6), float64, C-contiguous
        One-minute candles: UTC ms, open, close, high, low, volume.
    """

    rows: cython.const[cython.double][:, ::1]

    def __init__(self, rows: cython.const[cython.double][:, ::1]) -> None:
        self.rows = rows

    @cython.ccall
    @cython.locals(row=cython.Py_ssize_t, found=cython.Py_ssize_t)
    def find(
        self, start: cython.Py_ssize_t, stop: cython.Py_ssize_t, below: cython.double, above: cython.double
    ) -> cython.Py_ssize_t:
        """Return the first row in [start, stop) with low <= below or high >= above; -1 if there is none."""
        found = -1
        with cython.nogil:
            for row in range(start, stop):
                if self.rows[row, 4] <= below or self.rows[row, 3] >= above:
                    found = row
                    break
        return found
