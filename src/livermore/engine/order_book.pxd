# C types of book.py. Without them it is the same module in plain Python.

cimport cython
from livermore.trading.orders cimport Order


cdef double INFINITY
cdef object ACTIVE, LIMIT, STOP, BUY, SELL


cdef class OrderBook:
    cdef public list active
    cdef public list cycle
    cdef public object on_add
    cdef public bint has_done
    cdef public bint knows_bounds
    cdef public double below
    cdef public double above

    cpdef add(self, Order order)
    @cython.locals(order=Order)
    cpdef list waiting(self)
    cpdef note_done(self)
    cpdef drop_done(self)
    cpdef start_over(self)
    @cython.locals(order=Order, waiting=double, below=double, above=double)
    cpdef find_bounds(self, double price, double liquidation_price)
    @cython.locals(order=Order, buys=double, sells=double)
    cpdef double worth_of_entries(self)
    @cython.locals(order=Order, worth=double)
    cpdef double worth_of_buys(self)
    @cython.locals(order=Order, total=double)
    cpdef double selling(self, object kind)


cdef class Path:
    cdef readonly double open
    cdef readonly double close
    cdef readonly double high
    cdef readonly double low

    cpdef Path until(self, double price)
    cpdef Path behind(self, double price)


@cython.locals(path=Path)
cpdef Path new_path(double open, double close, double high, double low)


@cython.locals(order=Order, found=Order, falling=bint, above=bint, leg=int, rank=double, least_leg=int, least_rank=double, price=double)
cpdef Order first_touched(list orders, Path path)


@cython.locals(order=Order, upward=bint, low=double, high=double, place=Py_ssize_t)
cpdef list gap_fills(list orders, double previous_close, double opening)


cdef bint _fills_before(Order order, Order other, bint upward)
