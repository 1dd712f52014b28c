# C types of account.py. Without them it is the same module in plain Python.

from livermore.trading.order cimport Fill, Order


cdef class Account:
    cdef readonly object name
    cdef readonly object kind
    cdef readonly object mode
    cdef readonly object currency
    cdef readonly object liquidation
    cdef readonly object starting_balance
    cdef readonly double fee_rate
    cdef readonly int leverage
    cdef public dict vars
    cdef dict _books
    cdef dict _positions

    cpdef submit(self, Order order)
    cpdef cancel(self, Order order)
    cpdef double received(self, Fill fill) except? -1
    cpdef settle(self, Fill fill, double realised)
