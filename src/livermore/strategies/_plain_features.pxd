# C types of _plain_features.py. Without them it is the same module in plain Python.

cimport cython


cdef object NUMPY_FLOAT
cdef dict BLANK


cdef class OpenSample:
    cdef public object time
    cdef public dict features
    cdef public dict extra


@cython.locals(sample=dict)
cpdef dict labelled_sample(object place, OpenSample point, object name, object value, object label_time)

@cython.locals(checked=dict)
cpdef dict plain_features(dict features)
