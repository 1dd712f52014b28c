# C types of series.py. Without them it is the same module in plain Python.

cimport cython


cdef class CandleSeries:
    cdef readonly object bars
    cdef readonly Py_ssize_t size
    cdef readonly object exchange
    cdef readonly object symbol
    cdef readonly object timeframe
    cdef readonly Py_ssize_t warm_up_candles
    cdef readonly dict memo
    cdef const double[:, :] _hidden
    cdef double[:, ::1] _shown
    cdef Py_ssize_t _shown_end
    cdef object _root
    cdef object _completed_view
    cdef Py_ssize_t _completed_end

    cpdef view(self, Py_ssize_t end)
    @cython.locals(column=Py_ssize_t)
    cpdef view_forming(self, Py_ssize_t end, const double[:] row)
    cdef _forget_views(self)
    @cython.locals(bar=Py_ssize_t, column=Py_ssize_t)
    cdef _reveal(self, Py_ssize_t end)
    cdef _make_room(self)


cdef object _stamped(object view, CandleSeries series, Py_ssize_t end, bint forming)
