# What cache.py does in C: numpy scalars and NamedTuples without the calls that Python makes for them, and callables that
# look up a value without calling Python.

from livermore.market.series cimport CandleSeries
from livermore.indicators._kernels.recursions cimport Recursion

cdef extern from "cache.h":
    int prepare "livermore_prepare" (
        dict (*memo_of)(object), object view, object series, object end, object forming
    ) except -1
    object make_fast "livermore_fast_callable" (
        object fallback, object find, tuple names, dict defaults, Py_ssize_t positional, object key, object partial_key
    )
    const double *rows_of "livermore_rows" (object view, Py_ssize_t count)
    object number "livermore_number" (object kind, double x)
    object named_tuple "livermore_named_tuple" (object kind, list fields)


cdef inline dict memo_of(object series):
    return (<CandleSeries?>series).memo


cdef inline double *first_of(double[:, ::1] x):
    return &x[0, 0]
