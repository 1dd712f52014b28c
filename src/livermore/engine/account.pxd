# C types of accounts.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine.order_book cimport OrderBook
from livermore.engine.position cimport Account, Position, sum_exact
from livermore.trading.orders cimport Fill, Order


cdef object BUY, STOP, LIMIT


cdef class FuturesAccount(Account):
    cdef readonly object currency
    cdef double _wallet
    cdef dict _books
    cdef dict _positions

    @cython.locals(used=double, position=Position, book=OrderBook)
    cdef double _available(self) except? -1
    @cython.locals(needed=double, available=double)
    cpdef submit(self, Order order)
    cpdef cancel(self, Order order)
    cpdef double received(self, Fill fill) except? -1
    cpdef settle(self, Fill fill, double realised)


cdef class SpotAccount(Account):
    cdef readonly object currency
    cdef dict _assets
    cdef dict _books
    cdef dict _positions

    cpdef submit(self, Order order)
    cpdef cancel(self, Order order)
    cpdef double received(self, Fill fill) except? -1
    @cython.locals(held=double)
    cpdef settle(self, Fill fill, double realised)
    @cython.locals(worth=double, position=Position)
    cdef double _held(self) except? -1
    @cython.locals(cost=double, left=double)
    cdef _submit_buy(self, Order order)
    @cython.locals(book=OrderBook, selling=double, held=double)
    cdef _check_sell(self, Order order)
