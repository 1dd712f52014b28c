# C types of _open_sample.py. Without them it is the same module in plain Python.

cimport cython


cdef dict BLANK


cdef class OpenSample:
    cdef public object time
    cdef public dict features
    cdef public dict extra


@cython.locals(sample=dict)
cpdef dict labelled_sample(object strategy, OpenSample opened, object name, object value, object label_time)
