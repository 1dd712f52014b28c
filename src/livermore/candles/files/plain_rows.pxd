# C types of plain_rows.py. Without them it is the same module in plain Python.

cimport cython


@cython.locals(
    size=Py_ssize_t,
    columns=Py_ssize_t,
    room=Py_ssize_t,
    capacity=Py_ssize_t,
    position=Py_ssize_t,
    row=Py_ssize_t,
    column=Py_ssize_t,
    fraction=Py_ssize_t,
    whole=Py_ssize_t,
    text=Py_ssize_t,
    begin=Py_ssize_t,
    digits=Py_ssize_t,
    decimals=Py_ssize_t,
    kind=int,
    byte="unsigned char",
    negative=bint,
    mantissa="unsigned long long",
    number="long long",
    value=double,
    end=int,
)
cpdef Py_ssize_t parse_rows(
    const unsigned char[::1] data,
    int separator,
    const signed char[::1] kinds,
    double[:, ::1] fractions,
    long long[:, ::1] wholes,
    unsigned char[:, ::1] texts,
    int[:, ::1] ends,
    const double[::1] powers,
) except? -3
