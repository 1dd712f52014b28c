# C types of recording.py. Without them it is the same module in plain Python.

from livermore.strategies._market_data cimport Present
from livermore.strategies._plain_features cimport OpenPoint, labelled_sample


cdef class Recorder(Present):
    cdef public object _route
    cdef readonly dict _open_points
    cdef readonly list _ml_data_points
