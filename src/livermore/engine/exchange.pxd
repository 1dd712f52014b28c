# C types of exchange.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine.account cimport Account
from livermore.engine.order_book cimport OrderBook
from livermore.engine.position cimport Position
from livermore.engine.price_path cimport Path, first_touched, gap_fills
from livermore.engine.route cimport TradedRoute
from livermore.market.clock cimport SessionClock
from livermore.market.market cimport Market
from livermore.trading.order cimport Fill, Order
from livermore.trading.trade cimport ClosedTrade


cdef double NAN, INFINITY
cdef Py_ssize_t OPEN, CLOSE, HIGH, LOW, VOLUME
cdef object ACTIVE, EXECUTED


cdef class Exchange:
    cdef readonly list queue
    cdef readonly list trades
    cdef SessionClock _clock
    cdef dict _markets
    cdef Account _account
    cdef object _log
    cdef bint _liquidates
    cdef dict _routes
    cdef list _traded

    @cython.locals(route=TradedRoute, fill=Fill)
    cpdef execute(self, Order order)
    cpdef drain_queue(self)
    @cython.locals(route=TradedRoute, book=OrderBook, found=Py_ssize_t, touch=Py_ssize_t)
    cpdef Py_ssize_t next_touch(self, Py_ssize_t first, Py_ssize_t last) except? -2
    @cython.locals(route=TradedRoute, market=Market)
    cpdef match_minute(self, Py_ssize_t event)
    @cython.locals(route=TradedRoute)
    cpdef drop_done(self)
    @cython.locals(qty=double, fee=double)
    cdef Fill _fill(self, Order order, Position position)
    @cython.locals(order=Order, position=Position, before=double, after=double, turned=bint, trade=ClosedTrade)
    cdef _book_fill(self, TradedRoute route, Fill fill)
    @cython.locals(liquidation=double)
    cdef _find_bounds(self, TradedRoute route)
    @cython.locals(cursor=Py_ssize_t, previous_close=double, market=Market, path=Path, until=Path, book=OrderBook, order=Order, rows="const double[:, ::1]")
    cdef _match(self, TradedRoute route)
    @cython.locals(order=Order)
    cdef _fill_gap(self, TradedRoute route, Py_ssize_t cursor, double previous_close, double opening)
    @cython.locals(price=double, inside=bint, low=double, high=double, opening=double, order=Order)
    cdef _liquidate(self, TradedRoute route, Py_ssize_t cursor, double previous_close)


cdef _show(TradedRoute route, Py_ssize_t cursor, Path until, double volume)
