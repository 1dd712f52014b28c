# C types of event_loop.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine.order_book cimport OrderBook
from livermore.engine.exchange cimport Exchange
from livermore.engine.route cimport TradedRoute
from livermore.market.clock cimport SessionClock


cdef class MinuteLoop:
    cdef public Py_ssize_t done
    cdef public Py_ssize_t due_event
    cdef public object on_minute
    cdef SessionClock _clock
    cdef Exchange _exchange
    cdef list _routes
    cdef list _books
    cdef object _record_equity

    @cython.locals(stop=Py_ssize_t, touch=Py_ssize_t)
    cpdef to_end(self, Py_ssize_t last)
    @cython.locals(stop=Py_ssize_t)
    cpdef to_bar(self, Py_ssize_t event)
    @cython.locals(reached=Py_ssize_t)
    cpdef to_minute(self, Py_ssize_t event, Py_ssize_t touch)
    cpdef skip_to(self, Py_ssize_t event)
    @cython.locals(index=Py_ssize_t, route=TradedRoute, book=OrderBook)
    cpdef end_minute(self, object due)
