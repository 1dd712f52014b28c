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
    cdef readonly object strategy_name
    cdef readonly object exchange
    cdef readonly object symbol
    cdef readonly object timeframe
    cdef readonly object leverage
    cdef readonly object type
    cdef readonly object opened_at
    cdef readonly object closed_at
    cdef list _orders

    cpdef note_part(self)
    @cython.locals(order=Order, entry=list, exit=list, qty=double)
    cdef int _sum_up(self) except -1


@cython.locals(value=double, total=double, qty=double, price=double)
cdef double _mean_price(list fills) except? -1
