# C types of spot_account.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine.account cimport Account
from livermore.engine.order_book cimport OrderBook
from livermore.engine.position cimport Position, sum_exact
from livermore.trading.order cimport Fill, Order


cdef object BUY, STOP, LIMIT


cdef class SpotAccount(Account):
    cdef dict _assets

    cpdef submit(self, Order order)
    cpdef cancel(self, Order order)
    cpdef double received(self, Fill fill) except? -1
    @cython.locals(held=double)
    cpdef settle(self, Fill fill, double realised)
    @cython.locals(value=double, position=Position)
    cdef double _held(self) except? -1
    @cython.locals(cost=double, left=double)
    cdef _submit_buy(self, Order order)
    @cython.locals(book=OrderBook, selling=double, held=double)
    cdef _check_sell(self, Order order)
