# C types of _recording.py. Without them it is the same module in plain Python.

from livermore.strategies._market_data cimport MarketData
from livermore.strategies._open_sample cimport OpenSample, labelled_sample
from livermore.strategies._recorded_values cimport checked_features


cdef class Recorder(MarketData):
    pass
