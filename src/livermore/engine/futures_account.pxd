# C types of futures_account.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine.account cimport Account
from livermore.engine.order_book cimport OrderBook
from livermore.engine.position cimport Position
from livermore.trading.order cimport Fill, Order


cdef class FuturesAccount(Account):
    cdef double _wallet

    @cython.locals(used=double, position=Position, book=OrderBook)
    cdef double _available(self) except? -1
    @cython.locals(needed=double, available=double)
    cpdef submit(self, Order order)
    cpdef cancel(self, Order order)
    cpdef double received(self, Fill fill) except? -1
    cpdef settle(self, Fill fill, double realised)
