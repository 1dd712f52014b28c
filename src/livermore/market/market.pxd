# C types of market.py. Without them it is the same module in plain Python.

from livermore.market.minute_cursor cimport MinuteCursor


cdef class Market(MinuteCursor):
    cdef dict _frames
