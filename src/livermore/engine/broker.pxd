# C types of broker.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine.account cimport Account
from livermore.engine.order_book cimport OrderBook
from livermore.engine.position cimport Position
from livermore.market.clock cimport SessionClock
from livermore.market.minute_cursor cimport MinuteCursor
from livermore.trading.order cimport Order


cdef double NEAR
cdef object ACTIVE, CANCELED, MARKET, LIMIT, STOP, BUY, SELL, TAKE_PROFIT


cpdef bint is_near(double price, double current_price)


cpdef bint is_finite(double number)


cdef class Broker:
    cdef MinuteCursor _market
    cdef SessionClock _clock
    cdef list _queue
    cdef object _log
    cdef Position _position
    cdef OrderBook _book
    cdef Account _account

    @cython.locals(shown=double, above=bint)
    cpdef Order enter(self, object side, double qty, double price)
    @cython.locals(shown=double, above=bint, held=double)
    cpdef Order exit(self, double qty, double price, object via)
    @cython.locals(held=double, long=bint, wrong=bint)
    cpdef Order exit_at_opening(self, double qty, double price, object via)
    cpdef bint is_market_price(self, double price) except -1
    @cython.locals(held=double)
    cpdef Order close_at(self, double price)
    cpdef cancel(self, Order order)
    @cython.locals(order=Order)
    cpdef cancel_all(self)
    @cython.locals(order=Order)
    cpdef cancel_exits(self, object via)
    @cython.locals(order=Order)
    cpdef cancel_entries(self, object side)
    cdef double _price(self) except? -1
    cdef Order _submit_entry(self, object side, object kind, double qty, double price)
    @cython.locals(order=Order)
    cdef Order _submit(self, object side, object kind, double qty, double price, bint reduce_only, object via)


cdef double _known(object price, object symbol) except? -1


cdef _check(double qty, double price)
