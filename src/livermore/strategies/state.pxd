# C types of state.py. Without them it is the same module in plain Python.

from livermore.market.clock cimport SessionClock
from livermore.market.frame cimport Frame
from livermore.market.market cimport Market


cdef dict NO_ORDER_VARIABLES


cdef class StrategyState:
    cdef public object route
    cdef readonly Market market
    cdef readonly Frame candles
    cdef readonly SessionClock clock
    cdef public dict order_variables
    cdef public dict submitted
    cdef public bint order_variables_changed
    cdef public dict cache
    cdef public Py_ssize_t cached_at
    cdef public bint keeps_cached
    cdef public dict open_samples
    cdef public set feature_names
    cdef public list samples
    cdef public object open_observations
    cdef public dict copies
    cdef public object model
    cdef public dict monitors

    cpdef bind_market(self, Market market, Frame candles, SessionClock clock)
    cpdef drop_cached(self)
    cpdef clear_order_variables(self)


cdef class StateHolder:
    cdef public StrategyState _livermore


cpdef StrategyState state_of(StateHolder strategy)
