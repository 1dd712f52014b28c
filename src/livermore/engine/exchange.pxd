# C types of exchange.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine.order_book cimport OrderBook, Path, first_touched, gap_fills, new_path
from livermore.engine.broker cimport Broker
from livermore.engine.order_variables cimport OrderDesk
from livermore.engine.position cimport Account, Position
from livermore.strategies.state cimport StrategyState, state_of
from livermore.trading.orders cimport ClosedTrade, Fill, Order, new_fill


cdef double NAN, INFINITY
cdef Py_ssize_t OPEN, CLOSE, HIGH, LOW, VOLUME
cdef object ACTIVE, EXECUTED, LONG, SHORT


cdef class TradedRoute:
    cdef public object spec
    cdef public object strategy
    cdef StrategyState _state
    cdef public object candles
    cdef public object idle_hooks
    cdef public list observers
    cdef public list others
    cdef readonly bint acts
    cdef readonly object market
    cdef readonly Position position
    cdef readonly OrderBook book
    cdef readonly Broker broker
    cdef readonly Account account
    cdef Exchange _exchange
    cdef OrderDesk _desk
    cdef ClosedTrade _trade
    cdef bint _in_bar
    cdef object _before
    cdef object _after
    cdef object _update_chart
    cdef object _update_position
    cdef object _should_short
    cdef object _should_long
    # The minutes that are traded, and the index of the first.
    cdef object _minutes
    cdef const double[:, ::1] _rows
    cdef Py_ssize_t _first

    cpdef run_bar(self)
    cpdef show_candle(self)
    cpdef forget_intents(self)
    cpdef enter(self, bint long, bint short)
    cpdef cancel_orders(self)
    cpdef check_changes(self)
    cdef _decide(self)
    cdef bint _filters_pass(self) except -1
    @cython.locals(after=double)
    cdef _on_fill(self, Order order, double before)
    @cython.locals(other=TradedRoute)
    cdef _tell_others(self, str hook)
    cdef ClosedTrade _current_trade(self)
    @cython.locals(trade=ClosedTrade)
    cdef _mark_opened(self, object time)
    @cython.locals(trade=ClosedTrade)
    cdef ClosedTrade _mark_closed(self, object time)
    cdef _look_at_minutes(self)


cdef class Exchange:
    cdef readonly list queue
    cdef readonly list trades
    cdef object _clock
    cdef dict _markets
    cdef Account _account
    cdef bint _liquidates
    cdef dict _routes
    cdef list _traded

    @cython.locals(route=TradedRoute, position=Position, before=double, after=double, turned=bint, fill=Fill)
    cpdef execute(self, Order order)
    cpdef drain_queue(self)
    @cython.locals(route=TradedRoute, book=OrderBook, found=Py_ssize_t, touch=Py_ssize_t)
    cpdef Py_ssize_t next_touch(self, Py_ssize_t first, Py_ssize_t last) except? -2
    @cython.locals(route=TradedRoute)
    cpdef match_minute(self, Py_ssize_t event)
    @cython.locals(route=TradedRoute)
    cpdef drop_done(self)
    @cython.locals(qty=double, fee=double)
    cdef Fill _fill(self, Order order, Position position)
    @cython.locals(liquidation=double)
    cdef _find_bounds(self, TradedRoute route)
    @cython.locals(cursor=Py_ssize_t, previous_close=double, path=Path, until=Path, book=OrderBook, order=Order, rows="const double[:, ::1]")
    cdef _match(self, TradedRoute route)
    @cython.locals(order=Order)
    cdef _fill_gap(self, TradedRoute route, Py_ssize_t cursor, double previous_close, double opening)
    @cython.locals(price=double, inside=bint, low=double, high=double, opening=double, order=Order)
    cdef _liquidate(self, TradedRoute route, Py_ssize_t cursor, double previous_close)


cdef _show(TradedRoute route, Py_ssize_t cursor, Path until, double volume)
