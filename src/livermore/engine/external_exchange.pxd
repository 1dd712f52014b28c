# C types of external_exchange.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine.account cimport Account
from livermore.engine.exchange cimport Exchange
from livermore.engine.position cimport average_price, sum_exact
from livermore.engine.route cimport TradedRoute
from livermore.engine.spot_account cimport SpotAccount
from livermore.market.clock cimport SessionClock
from livermore.market.market cimport Market
from livermore.trading.order cimport Fill, Order


cdef Py_ssize_t CLOSE, HIGH, LOW
cdef object ACTIVE, EXECUTED, MARKET, BUY, SELL


cdef class ExternalExchange(Exchange):
    cdef object _on_queue

    cpdef execute(self, Order order)
    cpdef drain_queue(self)
    cpdef Py_ssize_t next_touch(self, Py_ssize_t first, Py_ssize_t last) except? -2
    cpdef match_minute(self, Py_ssize_t event)
    @cython.locals(route=TradedRoute, filled=double, signed=double)
    cpdef apply_fill(self, Order order, double qty, double price, double fee, double time, bint complete, bint in_minute)
    @cython.locals(route=TradedRoute)
    cpdef reject(self, Order order)
    @cython.locals(route=TradedRoute)
    cpdef cancel_orders(self, str symbol)
    @cython.locals(route=TradedRoute)
    cpdef close(self, str symbol)
    @cython.locals(route=TradedRoute, order=Order)
    cpdef Order add_foreign(self, str symbol, double qty, double price)


cdef class ExternalSpotAccount(SpotAccount):
    cpdef double received(self, Fill fill) except? -1
    @cython.locals(order=Order, released=double, asked=double, change=double)
    cpdef settle(self, Fill fill, double realised)


@cython.locals(market=Market, cursor=Py_ssize_t)
cdef _show(TradedRoute route, double price)
