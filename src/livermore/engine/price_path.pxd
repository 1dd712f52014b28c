# C types of price_path.py. Without them it is the same module in plain Python.

cimport cython
from livermore.trading.order cimport Order


cdef object ACTIVE, LIMIT, STOP, BUY, SELL


cdef class Path:
    cdef readonly double open
    cdef readonly double close
    cdef readonly double high
    cdef readonly double low

    cpdef Path until(self, double price)
    cpdef Path after(self, double price)


@cython.locals(order=Order, found=Order, falling=bint, above=bint, leg=int, rank=double, least_leg=int, least_rank=double, price=double)
cpdef Order first_touched(list orders, Path path)


@cython.locals(order=Order, upward=bint, low=double, high=double, place=Py_ssize_t)
cpdef list gap_fills(list orders, double previous_close, double opening)


cdef bint _fills_before(Order order, Order other, bint upward)
