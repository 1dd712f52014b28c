# C types of position.py. Without them it is the same module in plain Python.

cimport cython
from livermore.trading.orders cimport Fill, Order


cdef double NAN
cdef object LONG, SHORT, CLOSE


cdef class Account:
    cdef public object kind
    cdef public object mode
    cdef public object liquidation
    cdef public object starting_balance
    cdef public double fee_rate
    cdef public int leverage

    cpdef submit(self, Order order)
    cpdef cancel(self, Order order)
    cpdef double received(self, Fill fill) except? -1
    cpdef settle(self, Fill fill, double realised)


cdef class Position:
    cdef object _market
    cdef Account _account
    cdef object _id
    cdef public object strategy
    cdef public object entry_price
    cdef public object exit_price
    cdef public object opened_at
    cdef public object closed_at
    cdef public double qty
    cdef public double previous_qty

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
