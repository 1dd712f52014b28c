# C types of forming.py. Without them it is the same module in plain Python.

cimport cython
from libc.math cimport sqrt

cdef double NAN
cdef enum:
    CLOSE = 2
    HIGH = 3
    LOW = 4


cdef class Step:
    cdef readonly Py_ssize_t size

    cdef bint go_on(self, const double *before, const double *rows, Py_ssize_t last, double *out) noexcept


cdef class Priced(Step):
    cdef Py_ssize_t[::1] _columns
    cdef Py_ssize_t _count

    @cython.locals(x=double, i=Py_ssize_t)
    cdef double price(self, const double *rows, Py_ssize_t at) noexcept


cdef class Decay(Priced):
    cdef double _alpha


cdef class Mean(Priced):
    cdef Py_ssize_t _period

    @cython.locals(total=double)
    cdef bint go_on(self, const double *before, const double *rows, Py_ssize_t last, double *out) noexcept


cdef class Range(Step):
    cdef double _period


cdef class Strength(Priced):
    cdef double _period

    @cython.locals(change=double, gain=double, loss=double)
    cdef double strength(self, const double *before, const double *rows, Py_ssize_t last) noexcept


cdef class StochasticStrength(Strength):
    cdef Py_ssize_t _range
    cdef Py_ssize_t _k
    cdef Py_ssize_t _d
    cdef double[::1] _row
    cdef double[::1] _raw

    @cython.locals(known=Py_ssize_t, i=Py_ssize_t, row=Py_ssize_t, high=double, low=double, total=double, mean=double)
    cdef bint go_on(self, const double *before, const double *rows, Py_ssize_t last, double *out) noexcept


cdef class Direction(Step):
    cdef double _period

    @cython.locals(up=double, down=double, plus=double, minus=double, ranges=double)
    cdef bint go_on(self, const double *before, const double *rows, Py_ssize_t last, double *out) noexcept


cdef class Convergence(Priced):
    cdef double _fast
    cdef double _slow
    cdef double _smooth

    @cython.locals(x=double)
    cdef bint go_on(self, const double *before, const double *rows, Py_ssize_t last, double *out) noexcept


cdef class Reach(Priced):
    cdef double _period
    cdef double _alpha
    cdef double _multiplier

    @cython.locals(reach=double)
    cdef bint go_on(self, const double *before, const double *rows, Py_ssize_t last, double *out) noexcept


cdef class Spread(Priced):
    cdef Py_ssize_t _period
    cdef double _up
    cdef double _down

    @cython.locals(old=double, new=double, mean=double, variance=double, spread=double)
    cdef bint go_on(self, const double *before, const double *rows, Py_ssize_t last, double *out) noexcept


cdef class Follow(Step):
    cdef double _period
    cdef double _factor

    @cython.locals(
        high=double, low=double, close=double, earlier=double, reach=double, middle=double, upper=double, lower=double,
        above=bint, kept=bint
    )
    cdef bint go_on(self, const double *before, const double *rows, Py_ssize_t last, double *out) noexcept


cdef class Extremes(Step):
    cdef Py_ssize_t _period

    @cython.locals(i=Py_ssize_t, high=double, low=double)
    cdef bint go_on(self, const double *before, const double *rows, Py_ssize_t last, double *out) noexcept


cdef class Stochastic(Step):
    cdef Py_ssize_t _period
    cdef Py_ssize_t _k
    cdef Py_ssize_t _d
    cdef double _still
    cdef double[::1] _raw

    @cython.locals(
        row=Py_ssize_t, end=Py_ssize_t, i=Py_ssize_t, high=double, low=double, total=double, count=double, mean=double
    )
    cdef bint go_on(self, const double *before, const double *rows, Py_ssize_t last, double *out) noexcept
    @cython.locals(i=Py_ssize_t, total=double, count=double)
    cdef double mean(self, Py_ssize_t start, Py_ssize_t stop) noexcept


cdef double decayed(double before, double x, double alpha) noexcept
cdef double smoothed(double before, double x, double period) noexcept
@cython.locals(high=double, low=double, close=double, up=double, down=double)
cdef double true_range(const double *rows, Py_ssize_t last) noexcept
@cython.locals(up=double, down=double, both=double, gap=double)
cdef double one_sidedness(double plus, double minus, double ranges) noexcept
cdef double higher(double a, double b) noexcept
cdef double lower(double a, double b) noexcept
cdef double position(double x, double low, double high, double still) noexcept
