# C types of _recording.py. Without them it is the same module in plain Python.

from livermore.strategies._market_data cimport MarketData
from livermore.strategies._plain_features cimport OpenSample, labelled_sample


cdef class Recorder(MarketData):
    pass
