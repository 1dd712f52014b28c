# C types of minute_cursor.py. Without them it is the same module in plain Python.

cimport cython
from livermore.candles.minutes cimport Minutes
from livermore.market.clock cimport SessionClock


cdef Py_ssize_t UNKNOWN_ROW


cdef class MinuteCursor:
    cdef readonly Minutes rows
    cdef readonly Py_ssize_t size
    cdef readonly object exchange
    cdef readonly object symbol
    cdef readonly Py_ssize_t first_row
    cdef readonly object warm_up_candles
    cdef readonly object base
    cdef readonly bint is_fed
    cdef readonly bint arrives_with_others
    cdef public Py_ssize_t lag
    cdef public object partial
    cdef SessionClock _clock
    cdef object _row_of_event
    cdef object _closes
    cdef Py_ssize_t _closes_from
    cdef Py_ssize_t _close_row
    cdef object _close

    cpdef read_price(self)
    cpdef Py_ssize_t visible_row(self) except? -2
    cpdef Py_ssize_t newest_row(self) except? -2
    cdef _set_rows(self, Minutes rows)
    cdef Py_ssize_t _row_at(self, Py_ssize_t event) except? -2
    cdef object _visible_close(self)
    @cython.locals(index=Py_ssize_t)
    cdef object _close_at(self, Py_ssize_t row)
