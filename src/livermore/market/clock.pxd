# C types of clock.py. Without them it is the same module in plain Python.


cdef class SessionClock:
    cdef readonly object start
    cdef readonly object ends
    cdef public Py_ssize_t event
    cdef object _read_time
    cdef Py_ssize_t _read_event

    cpdef object read(self)
