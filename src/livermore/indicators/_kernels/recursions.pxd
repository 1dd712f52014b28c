# C types of recursions.py, and what it needs of the processor. Without them it is the same module in plain Python.

cdef extern from *:
    """
    #if defined(__FMA__) && defined(__GNUC__)
    /* x / divisor for a whole number below 2^50 and results that do not underflow: the remainder of the first quotient
       is exact, and no quotient lies so near to the middle of two numbers that the last rounding could go wrong. */
    static inline double livermore_quotient(double x, double divisor, double inverse) {
        double first = x * inverse;
        return __builtin_fma(__builtin_fma(-first, divisor, x), inverse, first);
    }
    #else
    static inline double livermore_quotient(double x, double divisor, double inverse) {
        (void)inverse;
        return x / divisor;
    }
    #endif
    #if defined(__x86_64__) && defined(__GNUC__)
    static int livermore_has_avx2(void) {
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    }
    #else
    static int livermore_has_avx2(void) { return 0; }
    #endif
    """
    double quotient "livermore_quotient" (double x, double divisor, double inverse) noexcept nogil
    int has_avx2 "livermore_has_avx2" () noexcept nogil

cdef double NAN
cdef enum:
    LANES = 16
    CLOSE = 2
    HIGH = 3
    LOW = 4


cdef double ema_step(double mean, double x, double alpha) noexcept nogil
cdef double wilder_step(double mean, double x, double length, double inverse) noexcept nogil
cdef double smoothed_step(double mean, double x, double length, double inverse) noexcept nogil
cdef double rise(double change) noexcept nogil
cdef double fall(double change) noexcept nogil
cdef double strength(double gain, double loss) noexcept nogil
cdef double directional_share(double plus, double minus, double ranges) noexcept nogil
cdef double bar_range(double high, double low, double close_before) noexcept nogil
cdef double fading_sum_step(double total, double x, double length, double inverse) noexcept nogil
cdef double movement(double move, double opposite) noexcept nogil
cdef void adx_step(double *s, Py_ssize_t j, double up, double down, double span, double length, double inverse) noexcept nogil
cdef double highest(const double *rows, Py_ssize_t first, Py_ssize_t last) noexcept nogil
cdef double lowest(const double *rows, Py_ssize_t first, Py_ssize_t last) noexcept nogil
cdef double mean_of_numbers(double[::1] x, Py_ssize_t start, Py_ssize_t stop) noexcept nogil


cdef class Recursion:
    cdef readonly Py_ssize_t states
    cdef readonly Py_ssize_t size
    cdef readonly Py_ssize_t seed_rows
    cdef readonly Py_ssize_t averaged
    cdef readonly Py_ssize_t period
    cdef readonly bint needs_state
    cdef readonly bint nan_reaches_back
    cdef readonly dict params
    cdef double _length
    cdef double _inverse
    cdef double _alpha
    cdef Py_ssize_t[::1] _columns

    cpdef run(self, const double[:, ::1] x, const Py_ssize_t[::1] where, double[:, ::1] out)
    cdef void update(self, double *s, const double *rows, Py_ssize_t last)
    cdef void value(self, const double *s, Py_ssize_t width, double *out)
    cdef double price(self, const double *rows, Py_ssize_t at) noexcept


cdef class Ema(Recursion):
    pass


cdef class Sma(Recursion):
    pass


cdef class BollingerBands(Sma):
    cdef double _up
    cdef double _down


cdef class Atr(Recursion):
    pass


cdef class Keltner(Atr):
    cdef double _multiplier


cdef class Macd(Recursion):
    cdef double _fast
    cdef double _slow
    cdef double _smooth


cdef class Rsi(Recursion):
    cdef Py_ssize_t _kept


cdef class StochasticRsi(Rsi):
    cdef Py_ssize_t _range
    cdef Py_ssize_t _k
    cdef Py_ssize_t _d
    cdef double[:, ::1] _raw


cdef class Adx(Recursion):
    pass


cdef class SuperTrend(Recursion):
    cdef double _factor


cdef class Donchian(Recursion):
    pass


cdef class Stochastic(Recursion):
    cdef bint _is_smoothed
    cdef Py_ssize_t _k
    cdef Py_ssize_t _d
    cdef double _flat
    cdef double[::1] _raw

    cdef double _position(self, const double *rows, Py_ssize_t last) noexcept
