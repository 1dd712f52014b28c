# C types of order_book.py. Without them it is the same module in plain Python.

cimport cython
from livermore.trading.order cimport Order


cdef double INFINITY
cdef object ACTIVE, BUY, SELL


cdef class OrderBook:
    cdef public list active
    cdef public list trade_orders
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
    cpdef start_trade(self)
    @cython.locals(order=Order, waiting=double, below=double, above=double)
    cpdef find_bounds(self, double price, double liquidation_price)
    @cython.locals(order=Order, buys=double, sells=double)
    cpdef double entry_value(self)
    @cython.locals(order=Order, value=double)
    cpdef double buy_value(self)
    @cython.locals(order=Order, total=double)
    cpdef double sell_quantity(self, object kind)
