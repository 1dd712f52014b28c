# C types of idle.py. Without them it is the same module in plain Python.

cimport cython
from livermore.market.clock cimport SessionClock
from livermore.strategies.state cimport StrategyState, state_of


@cython.locals(index=Py_ssize_t, first=Py_ssize_t, step=Py_ssize_t, bar=Py_ssize_t, changed=bint, state=StrategyState)
cpdef run_idle_bars(object runner, object events, SessionClock clock, object strategy)
