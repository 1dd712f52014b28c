"""One market's minutes, compiled: the next one in which a price is reached, and several of them as one candle."""

import cython

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()


@cython.cclass
class Minutes:
    """Looks ahead in one-minute candles, and aggregates them, without holding the interpreter.

    Parameters
    ----------
    rows : ndarray of shape (n, 6), float64, C-contiguous
        UTC ms, open, close, high, low, volume.
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

    @cython.ccall
    @cython.locals(row=cython.Py_ssize_t, high=cython.double, low=cython.double)
    def combine(self, start: cython.Py_ssize_t, stop: cython.Py_ssize_t):
        """Return rows [start, stop) as one candle: (open, close, high, low, volume).

        Volumes are summed in the order of numpy's `.sum()` of a slice, bit for bit.
        """
        high = self.rows[start, 3]
        low = self.rows[start, 4]
        for row in range(start + 1, stop):
            high = max(high, self.rows[row, 3])
            low = min(low, self.rows[row, 4])
        return (self.rows[start, 1], self.rows[stop - 1, 2], high, low, _sum(self.rows, start, stop - start))

    @cython.ccall
    @cython.locals(
        row=cython.Py_ssize_t,
        first=cython.Py_ssize_t,
        count=cython.Py_ssize_t,
        time=cython.double,
        end=cython.double,
        high=cython.double,
        low=cython.double,
    )
    def resample(
        self,
        stop: cython.Py_ssize_t,
        span: cython.double,
        starts: cython.longlong[::1],
        bars: cython.double[:, ::1],
    ) -> cython.Py_ssize_t:
        """Aggregate rows [0, stop), stop >= 1, to bars of `span` ms, and return how many there are.

        The same as `livermore.candles.resample`, bit for bit, with the last bar even if it is incomplete. What is
        returned in `starts` are the indices of the bars' first rows.
        """
        count = 0
        first = 0
        end = 0.0
        high = 0.0
        low = 0.0
        for row in range(stop):
            time = self.rows[row, 0]
            if count == 0 or time >= end:
                if count > 0:
                    _finish(bars, count - 1, self.rows, first, row, high, low)
                first = row
                starts[count] = row
                bars[count, 0] = time // span * span
                end = bars[count, 0] + span
                high = self.rows[row, 3]
                low = self.rows[row, 4]
                count += 1
            else:
                high = max(high, self.rows[row, 3])
                low = min(low, self.rows[row, 4])
        _finish(bars, count - 1, self.rows, first, stop, high, low)
        return count


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _finish(
    bars: cython.double[:, ::1],
    bar: cython.Py_ssize_t,
    rows: cython.const[cython.double][:, ::1],
    first: cython.Py_ssize_t,
    stop: cython.Py_ssize_t,
    high: cython.double,
    low: cython.double,
) -> cython.void:
    """Write what is known of a bar when its last row was seen."""
    bars[bar, 1] = rows[first, 1]
    bars[bar, 2] = rows[stop - 1, 2]
    bars[bar, 3] = high
    bars[bar, 4] = low
    bars[bar, 5] = _sum(rows, first, stop - first)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
@cython.locals(
    i=cython.Py_ssize_t,
    half=cython.Py_ssize_t,
    total=cython.double,
    a=cython.double,
    b=cython.double,
    c=cython.double,
    d=cython.double,
    e=cython.double,
    f=cython.double,
    g=cython.double,
    h=cython.double,
)
def _sum(
    rows: cython.const[cython.double][:, ::1], start: cython.Py_ssize_t, count: cython.Py_ssize_t
) -> cython.double:
    """Sum volumes pairwise: eight running sums over at most 128 rows, halves of more."""
    if count < 8:
        total = -0.0
        for i in range(start, start + count):
            total += rows[i, 5]
        return total
    if count > 128:
        half = count // 2
        half -= half % 8
        return _sum(rows, start, half) + _sum(rows, start + half, count - half)
    a, b, c, d = rows[start, 5], rows[start + 1, 5], rows[start + 2, 5], rows[start + 3, 5]
    e, f, g, h = rows[start + 4, 5], rows[start + 5, 5], rows[start + 6, 5], rows[start + 7, 5]
    i = 8
    while i < count - count % 8:
        a += rows[start + i, 5]
        b += rows[start + i + 1, 5]
        c += rows[start + i + 2, 5]
        d += rows[start + i + 3, 5]
        e += rows[start + i + 4, 5]
        f += rows[start + i + 5, 5]
        g += rows[start + i + 6, 5]
        h += rows[start + i + 7, 5]
        i += 8
    total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    while i < count:
        total += rows[start + i, 5]
        i += 1
    return total
