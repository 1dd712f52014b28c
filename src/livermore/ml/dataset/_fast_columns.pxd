# C types of plain.py. Without them it is the same module in plain Python.

cimport cython


@cython.locals(found=dict)
cpdef bint have(object samples, tuple keys) except -1


@cython.locals(found=dict)
cpdef object shared(object samples, str key)


@cython.locals(
    found=dict, features=dict, row=Py_ssize_t, count=Py_ssize_t, column=Py_ssize_t, number=double
)
cpdef bint take_features(object samples, tuple names, double[:, ::1] values, long long[::1] booleans) except -1


@cython.locals(found=dict, label=dict, values=list, number=double)
cpdef object take_labels(object samples, double bound)


@cython.locals(found=dict, row=Py_ssize_t, time="long long")
cpdef bint take_times(object samples, str key, long long bound, long long[::1] times) except -1
