# C types of position.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine.account cimport Account
from livermore.trading.order cimport Fill


cdef double NAN
cdef object LONG, SHORT, CLOSE


cdef class Position:
    cdef object _market
    cdef Account _account
    cdef object _id
    cdef public object strategy
    cdef readonly object entry_price
    cdef readonly object exit_price
    cdef readonly object opened_at
    cdef readonly object closed_at
    cdef readonly double qty
    cdef readonly double previous_qty

    @cython.locals(held=double, qty=double, total=double, realised=double)
    cpdef double apply(self, Fill fill) except? -1
    @cython.locals(entry=double, difference=double)
    cpdef double open_profit(self) except? -1
    @cython.locals(entry=double)
    cpdef double margin(self) except? -1
    cdef double _value(self) except? -1
    cdef _open(self, double qty, Fill fill)
    cdef _close(self, Fill fill)


cpdef double sum_exact(double a, double b) except? -1


cpdef double average_price(double qty, double price, double held_qty, double held_price)


@cython.locals(gain=double)
cpdef double profit(double qty, double entry_price, double exit_price, bint short)
