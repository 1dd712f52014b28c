# C types of samples.py. Without them it is the same module in plain Python.

cimport cython


cdef object NUMPY_FLOAT
cdef dict BLANK


cdef class OpenPoint:
    cdef public object time
    cdef public dict features
    cdef public dict extra


@cython.locals(sample=dict)
cpdef dict labelled_sample(object place, OpenPoint point, object name, object value, object label_time)

@cython.locals(checked=dict)
cpdef dict plain_features(dict features)
