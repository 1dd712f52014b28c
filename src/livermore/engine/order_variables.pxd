# C types of order_variables.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine.order_book cimport OrderBook
from livermore.engine.broker cimport Broker, is_finite
from livermore.engine.position cimport Position
from livermore.strategies.order_variables cimport as_rows
from livermore.strategies.state cimport StrategyState, state_of


cdef class OrderSubmitter:
    cdef object _strategy
    cdef StrategyState _state
    cdef object _name
    cdef Position _position
    cdef OrderBook _book
    cdef Broker _broker
    cdef bint _spot

    @cython.locals(rows=object)
    cpdef object check_entry(self, str variable)
    @cython.locals(qty=double, price=double)
    cpdef submit_entry(self, str variable, object rows)
    @cython.locals(qty=double, price=double)
    cpdef submit_stored_exits(self)
    cpdef check_changes(self)
    cpdef cancel_all(self)
    cpdef clear(self)
    cdef _accept_before_opening(self, str variable)
    @cython.locals(qty=double, price=double)
    cdef _change_entry(self, str variable)
    @cython.locals(qty=double, price=double)
    cdef _change_exit(self, str variable, object via)
    @cython.locals(qty=double, price=double, closing=double)
    cdef bint _closes_at_market(self, object rows) except -1
    @cython.locals(qty=double, price=double)
    cdef _check_quantities(self, object rows, str variable, str hook=*)
    cdef _accept(self, str variable, object rows)
