# What lookup.py does in C: slots, elements of arrays, numbers and tuples of them, less what Python makes on the way.

from livermore.market.series cimport CandleSeries
from livermore.indicators._kernels.forming cimport Step

cdef extern from "cache.h":
    object all_but "livermore_all_but" (Py_ssize_t hidden)
    object named_part "livermore_part" (object kind, list fields, object part)
    int prepare "livermore_prepare" (
        dict (*memo_of)(object), object view, object series, object end, object forming
    ) except -1
    object quick "livermore_quick" (
        object call, tuple names, dict defaults, Py_ssize_t positional, object key, object forming
    )
    const double *rows_of "livermore_rows" (object view, Py_ssize_t count)
    object slot "livermore_slot" (object x, object descriptor)
    object number "livermore_number" (object kind, double x)
    object numbers "livermore_numbers" (object kind, object scalar, const double *x, Py_ssize_t count)
    object named_row "livermore_row" (object kind, list fields, Py_ssize_t place)

cdef extern from "Python.h":
    object element "PySequence_GetItem" (object x, Py_ssize_t place)


cdef inline dict memo_of(object series):
    return (<CandleSeries?>series).memo
