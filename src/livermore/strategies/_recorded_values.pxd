# C types of _recorded_values.py. Without them it is the same module in plain Python.

cimport cython


cdef object NUMPY_FLOAT
cdef double INFINITY


@cython.locals(given=dict, checked=dict, number=double)
cpdef dict checked_features(object features, object strategy, object time, set known_names)
