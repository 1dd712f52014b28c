# C types of trade.py. Without them it is the same module in plain Python.

cimport cython
from livermore.trading.order cimport Order


cdef double NAN
cdef Py_ssize_t PAIRWISE_FROM
cdef object BUY, SELL, LONG, SHORT


cdef class ClosedTrade:
    cdef object _id
    cdef object _summed_type
    cdef Py_ssize_t _summed
    cdef double _entry_price
    cdef double _exit_price
    cdef double _qty
    cdef double _fee
    cdef public object strategy_name
    cdef public object exchange
    cdef public object symbol
    cdef public object timeframe
    cdef public object leverage
    cdef public object type
    cdef public object opened_at
    cdef public object closed_at
    cdef public list orders

    @cython.locals(order=Order, entry=list, exit=list, qty=double)
    cdef int _sum_up(self) except -1


@cython.locals(value=double, total=double, qty=double, price=double)
cdef double _mean_price(list fills) except? -1
