# C types of present.py. Without them it is the same module in plain Python.

cimport cython
from livermore.market.market cimport Frame, Market, SessionClock


cdef class Present:
    cdef Market _seen_market
    cdef Frame _seen_candles
    cdef SessionClock _seen_clock

    cpdef _see(self, Market market, Frame candles, SessionClock clock)
    @cython.locals(opened=double)
    cpdef long long _candle_second(self) except? -1
    @cython.locals(now=double)
    cpdef long long _clock_second(self) except? -1
    cdef object _value(self, Py_ssize_t column, object name)
