# C types of _columns.py. Without them it is the same module in plain Python.

cimport cython


cdef double EXACT


@cython.locals(fields=dict)
cpdef bint complete(object samples, tuple keys) except -1


@cython.locals(fields=dict, found=list)
cpdef list column(object mappings, str key)


@cython.locals(
    fields=dict, row=Py_ssize_t, at=Py_ssize_t, count=Py_ssize_t, number=double, nan=double, code="long long"
)
cpdef Py_ssize_t matrix(object mappings, tuple names, double[:, ::1] values, long long[::1] kinds) except -2
