# C types of minutes.py. Without them it is the same module in plain Python.

cimport cython

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define livermore_fetch(x) __builtin_prefetch(x)
    #else
    #define livermore_fetch(x) ((void)(x))
    #endif
    """
    void fetch "livermore_fetch" (const void *x) noexcept nogil


cdef Py_ssize_t AHEAD


@cython.locals(
    row=Py_ssize_t,
    time=double,
    before=double,
    opened=double,
    closed=double,
    high=double,
    low=double,
    volume=double,
    least=double,
    not_finite=double,
    count=Py_ssize_t,
)
cpdef bint are_sound(const double[:, ::1] rows, double minute, double latest) except -1


cdef class Minutes:
    cdef readonly object head
    cdef readonly object tail
    cdef readonly Py_ssize_t size
    cdef const double[:, ::1] _head
    cdef const double[:, ::1] _tail
    cdef Py_ssize_t _split

    cpdef row(self, Py_ssize_t row)
    cpdef value(self, Py_ssize_t row, Py_ssize_t column)
    cpdef between(self, Py_ssize_t start, Py_ssize_t stop)
    @cython.locals(found=Py_ssize_t)
    cpdef Py_ssize_t find(self, Py_ssize_t start, Py_ssize_t stop, double below, double above) except? -2
    cpdef combine_into(self, double[::1] candle, Py_ssize_t start, Py_ssize_t stop)
    @cython.locals(count=Py_ssize_t, bar=Py_ssize_t, first="long long")
    cpdef Py_ssize_t resample(self, double span, long long[::1] starts, double[:, ::1] bars) except? -2


@cython.locals(row=Py_ssize_t, found=Py_ssize_t)
cdef Py_ssize_t _find(
    const double[:, ::1] rows, Py_ssize_t start, Py_ssize_t stop, double below, double above
) noexcept


@cython.locals(row=Py_ssize_t, high=double, low=double)
cdef void _combine(const double[:, ::1] rows, Py_ssize_t start, Py_ssize_t stop, double[::1] candle) noexcept


@cython.locals(row=Py_ssize_t, first=Py_ssize_t, count=Py_ssize_t, time=double, end=double, high=double, low=double)
cdef Py_ssize_t _resample(
    const double[:, ::1] rows, Py_ssize_t offset, double span, long long[::1] starts, double[:, ::1] bars
) noexcept


cdef void _finish(
    double[:, ::1] bars,
    Py_ssize_t bar,
    const double[:, ::1] rows,
    Py_ssize_t first,
    Py_ssize_t stop,
    double high,
    double low,
) noexcept nogil


@cython.locals(
    i=Py_ssize_t,
    half=Py_ssize_t,
    total=double,
    a=double,
    b=double,
    c=double,
    d=double,
    e=double,
    f=double,
    g=double,
    h=double,
)
cdef double _sum(const double[:, ::1] rows, Py_ssize_t start, Py_ssize_t count) noexcept nogil
