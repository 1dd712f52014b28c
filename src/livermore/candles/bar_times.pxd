# C types of bar_times.py. Without them it is the same module in plain Python.


cdef class BarTimes:
    cpdef double opening(self, double time) except? -1
    cpdef double end(self, double time) except? -1
    cpdef bint is_last(self, double time) except -1
    cpdef bint is_end(self, double time) except -1


cdef class ClockBars(BarTimes):
    cdef double _length
    cdef double _base

    cpdef double opening(self, double time) except? -1
    cpdef double end(self, double time) except? -1
    cpdef bint is_last(self, double time) except -1
    cpdef bint is_end(self, double time) except -1
