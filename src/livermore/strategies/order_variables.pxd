# C types of order_variables.py. Without them it is the same module in plain Python.

cimport cython
from livermore.strategies.state cimport state_of


cdef class OrderVariable:
    cdef readonly str name


@cython.locals(number=double, worth=double, rows=object)
cpdef object as_rows(object value, object variable, object strategy)
