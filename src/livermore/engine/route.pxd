# C types of route.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine.account cimport Account
from livermore.engine.broker cimport Broker
from livermore.engine.order_book cimport OrderBook
from livermore.engine.order_variables cimport OrderSubmitter
from livermore.engine.position cimport Position
from livermore.market.clock cimport SessionClock
from livermore.market.frame cimport Frame
from livermore.market.market cimport Market
from livermore.strategies.state cimport StrategyState, state_of
from livermore.trading.order cimport Order
from livermore.trading.trade cimport ClosedTrade


cdef object LONG, SHORT


cdef class TradedRoute:
    cdef readonly object spec
    cdef readonly Py_ssize_t index
    cdef readonly object session
    cdef readonly object strategy
    cdef readonly SessionClock clock
    cdef readonly Market market
    cdef readonly Frame candles
    cdef readonly Position position
    cdef readonly OrderBook book
    cdef readonly Broker broker
    cdef readonly Account account
    cdef readonly list observers
    cdef public list others
    cdef public bint entries_allowed
    cdef public object on_error
    cdef readonly bint is_stopped
    cdef readonly bint in_hooks
    cdef StrategyState _state
    cdef OrderSubmitter _submitter
    cdef ClosedTrade _trade
    cdef bint _in_bar
    # The exchange, which knows routes in C; so that they do not import one another it is a Python object here.
    cdef object _exchange
    cdef list _queue
    # Hooks of the strategy; None where it has none of its own.
    cdef object _before
    cdef object _after
    cdef object _update_chart
    cdef object _update_position
    cdef object _should_short
    cdef object _should_long
    # The minutes that are traded, and the index of the first.
    cdef object _minutes
    cdef const double[:, ::1] rows
    cdef Py_ssize_t first_row

    cpdef run_bar(self)
    @cython.locals(position=Position, book=OrderBook)
    cdef _run_bar(self)
    @cython.locals(clock=SessionClock, position=Position, book=OrderBook, first=Py_ssize_t, step=Py_ssize_t, bar=Py_ssize_t)
    cpdef Py_ssize_t run_idle_bars(self, object events) except -1
    cdef _decide(self)
    cdef _enter(self, bint long, bint short)
    cdef bint _filters_pass(self) except -1
    cdef _show_candle(self)
    cdef on_fill(self, Order order, double before)
    @cython.locals(after=double)
    cdef _on_fill(self, Order order, double before)
    cdef _hear(self, str hook, object strategy)
    @cython.locals(order=Order, held=double)
    cpdef stop(self, object error)
    cdef _end_stopped(self)
    cpdef cancel_orders(self)
    @cython.locals(other=TradedRoute)
    cdef _tell_others(self, str hook)
    @cython.locals(trade=ClosedTrade)
    cdef ClosedTrade trade(self)
    @cython.locals(trade=ClosedTrade)
    cdef open_trade(self, object time)
    @cython.locals(trade=ClosedTrade)
    cdef ClosedTrade close_trade(self, object time)
    cdef update_minutes(self)
