# C types of idle.py. Without them it is the same module in plain Python.

cimport cython
from livermore.candles._kernels.market cimport SessionClock


@cython.locals(index=Py_ssize_t, event=Py_ssize_t, changed=bint)
cpdef run_idle_bars(object runner, object events, SessionClock clock, object strategy)
