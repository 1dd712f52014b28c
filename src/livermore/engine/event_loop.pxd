# C types of walk.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine.order_book cimport OrderBook
from livermore.engine.exchange cimport Exchange


cdef class MinuteWalk:
    cdef public Py_ssize_t done
    cdef public Py_ssize_t due_event
    cdef object _clock
    cdef Exchange _exchange
    cdef list _runners
    cdef list _books
    cdef object _take_sample

    @cython.locals(stop=Py_ssize_t, touch=Py_ssize_t)
    cpdef to_end(self, Py_ssize_t last)
    @cython.locals(stop=Py_ssize_t)
    cpdef to_bar(self, Py_ssize_t event)
    @cython.locals(reached=Py_ssize_t)
    cpdef to_minute(self, Py_ssize_t event, Py_ssize_t touch)
    cpdef skip_to(self, Py_ssize_t event)
    @cython.locals(index=Py_ssize_t, book=OrderBook)
    cpdef end_minute(self, object due)
