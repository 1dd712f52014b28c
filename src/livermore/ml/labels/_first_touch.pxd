# C types of _first_touch.py. Without them it is the same module in plain Python.

cimport cython


cpdef int touch_on_path(double open_, double close, double high, double low, double upper, double lower) noexcept nogil

cpdef int touch_on_close(double close, double upper, double lower) noexcept nogil

cpdef double touch_price(double open_, double barrier, int direction) noexcept nogil


@cython.locals(
    i=Py_ssize_t, row="long long", last="long long", direction=int, n_candles=Py_ssize_t
)
cpdef object first_touches(
    const double[:, ::1] candles,
    const long long[::1] rows,
    const double[::1] upper,
    const double[::1] lower,
    long long bars,
    bint on_path,
    long long[::1] touched,
    long long[::1] known_row,
    double[::1] exit_price,
)
