"""Whether candles are sound, told in one pass; what is wrong with others is said in `livermore.candles._check`."""

import sys

import cython

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

#: The largest number that is finite.
LARGEST = cython.declare(cython.double, sys.float_info.max)


@cython.ccall
@cython.locals(
    row=cython.Py_ssize_t,
    time=cython.double,
    before=cython.double,
    open_=cython.double,
    close=cython.double,
    high=cython.double,
    low=cython.double,
    volume=cython.double,
    good=cython.bint,
)
def are_sound(rows: cython.const[cython.double][:, ::1], minute: cython.double, latest: cython.double) -> cython.bint:
    """Whether all rows keep all rules: whole minutes that ascend up to `latest`, finite numbers, prices in order.

    Parameters
    ----------
    rows : ndarray of shape (n, 6), float64, C-contiguous
        UTC ms, open, close, high, low, volume.
    minute : float
        In ms.
    latest : float
        The last time that can be, UTC ms; the earliest is its negative.
    """
    good = True
    before = -latest - 1
    with cython.nogil:
        for row in range(rows.shape[0]):
            time = rows[row, 0]
            open_, close, high, low, volume = rows[row, 1], rows[row, 2], rows[row, 3], rows[row, 4], rows[row, 5]
            # Comparisons with NaN are false.
            good = time == before + minute or (time > before and time <= latest and time % minute == 0)
            good = good and low <= open_ and open_ <= high and low <= close and close <= high
            good = good and low >= -LARGEST and high <= LARGEST and volume >= 0 and volume <= LARGEST
            if not good:
                break
            before = time
    return good and before <= latest
