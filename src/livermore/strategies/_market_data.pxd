# C types of _market_data.py. Without them it is the same module in plain Python.

cimport cython
from livermore.market.frame cimport Frame
from livermore.strategies.state cimport StateHolder


cdef class MarketData(StateHolder):
    @cython.locals(opened=double)
    cpdef long long _candle_second(self) except? -1
    @cython.locals(now=double)
    cpdef long long _clock_second(self) except? -1
    @cython.locals(frame=Frame)
    cdef Frame _frame(self, object name)
