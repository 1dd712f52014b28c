# C types of frame.py. Without them it is the same module in plain Python.

cimport cython
from livermore.candles.bar_times cimport BarTimes
from livermore.candles.minutes cimport Minutes
from livermore.market.minute_cursor cimport MinuteCursor
from livermore.market.series cimport CandleSeries


cdef class Frame:
    cdef readonly CandleSeries series
    cdef MinuteCursor _minutes
    cdef readonly BarTimes times
    cdef double[::1] _forming_bar
    cdef bint _is_minutes
    # The row at which each bar begins, and how many there are.
    cdef long long[::1] _starts
    cdef Py_ssize_t _count
    cdef Py_ssize_t _found_bar
    cdef object _view
    cdef Py_ssize_t _view_row
    cdef object _bar
    cdef Py_ssize_t _bar_row

    @cython.locals(row=Py_ssize_t, rows=Minutes, times=BarTimes, time=double)
    cpdef push(self, Py_ssize_t first)
    @cython.locals(row=Py_ssize_t)
    cpdef view(self)
    cpdef value(self, Py_ssize_t column)
    @cython.locals(row=Py_ssize_t)
    cdef _visible_bar(self)
    @cython.locals(bar=Py_ssize_t)
    cdef _bar_at(self, Py_ssize_t row)
    @cython.locals(bar=Py_ssize_t)
    cdef _view_at(self, Py_ssize_t row, object partial)
    @cython.locals(stop=Py_ssize_t)
    cdef bint _is_complete(self, Py_ssize_t bar, Py_ssize_t row) except? -1
    @cython.locals(bar=Py_ssize_t, last=Py_ssize_t)
    cdef Py_ssize_t _bar_of(self, Py_ssize_t row) except? -2
    cdef double _opening(self, Py_ssize_t row) except? -1
    @cython.locals(rows=Minutes, opens_at=double)
    cdef double[::1] _forming(self, Py_ssize_t first, Py_ssize_t row, object partial)
