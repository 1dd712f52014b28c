# What the kernels of abreast.py need of the processor.

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
    """
    double quotient "livermore_quotient" (double x, double divisor, double inverse) noexcept nogil
