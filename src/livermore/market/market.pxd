# C types of market.py. Without them it is the same module in plain Python.

cimport cython
from livermore.candles.minutes cimport Minutes
from livermore.market.series cimport CandleSeries


cdef Py_ssize_t UNKNOWN


cdef class SessionClock:
    cdef readonly object start
    cdef readonly object ends
    cdef public Py_ssize_t event
    cdef object _told
    cdef Py_ssize_t _told_event

    cpdef object told(self)


cdef class Market:
    cdef readonly Minutes rows
    cdef readonly Py_ssize_t size
    cdef readonly object exchange
    cdef readonly object symbol
    cdef readonly Py_ssize_t first_row
    cdef readonly object warm_up_candles
    cdef readonly bint comes_with_others
    cdef public Py_ssize_t lag
    cdef public object partial
    cdef SessionClock _clock
    cdef object _row_of_event
    cdef object _closes
    cdef Py_ssize_t _closes_from
    cdef Py_ssize_t _closed_row
    cdef object _last_close
    cdef dict _frames

    cpdef object shown_price(self)
    cdef _take(self, Minutes rows)
    cdef Py_ssize_t _cursor(self) except? -2
    cdef Py_ssize_t _row_at(self, Py_ssize_t event) except? -2
    @cython.locals(inside=Py_ssize_t)
    cdef object _close_at(self, Py_ssize_t row)


cdef class Frame:
    cdef readonly CandleSeries series
    cdef Market _market
    cdef double _span
    cdef double[::1] _newest
    cdef bint _is_minutes
    # The row at which each bar begins, and how many there are.
    cdef long long[::1] _starts
    cdef Py_ssize_t _count
    cdef Py_ssize_t _at
    cdef object _shown
    cdef Py_ssize_t _shown_cursor
    cdef object _row
    cdef Py_ssize_t _row_cursor

    @cython.locals(cursor=Py_ssize_t)
    cpdef view(self)
    @cython.locals(cursor=Py_ssize_t)
    cpdef value(self, Py_ssize_t column)
    @cython.locals(bar=Py_ssize_t)
    cdef _row_at(self, Py_ssize_t cursor)
    @cython.locals(bar=Py_ssize_t)
    cdef _view_at(self, Py_ssize_t cursor, object partial)
    @cython.locals(stop=Py_ssize_t)
    cdef bint _is_complete(self, Py_ssize_t bar, Py_ssize_t cursor) except? -1
    @cython.locals(bar=Py_ssize_t, last=Py_ssize_t)
    cdef Py_ssize_t _bar_of(self, Py_ssize_t cursor) except? -2
    @cython.locals(rows=Minutes, opened=double, opens_at=double)
    cdef double[::1] _forming(self, Py_ssize_t first, Py_ssize_t cursor, object partial)
