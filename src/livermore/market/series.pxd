# C types of series.py. Without them it is the same module in plain Python.

cimport cython
from cpython.object cimport PyObject

cdef extern from *:
    """
    #include <structmember.h>
    #define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
    #include <numpy/ndarraytypes.h>

    static CYTHON_INLINE int livermore_set_slot(PyObject *view, PyObject *slot, PyObject *value) {
        return PyMember_SetOne((char *)view, ((PyMemberDescrObject *)slot)->d_member, value);
    }
    /* Let a view of a root's rows show another number of them, if its only reference is the series' own; else return 0.
       With less than two rows, before or after, the flags of its layout would have to change as well. */
    static CYTHON_INLINE int livermore_extended(PyObject *view, PyObject *root, Py_ssize_t rows) {
    #ifdef Py_GIL_DISABLED
        return 0; /* another thread may take a reference meanwhile */
    #else
        PyArrayObject *array = (PyArrayObject *)view, *all = (PyArrayObject *)root;
        if (Py_REFCNT(view) != 1 || *PyObject_GET_WEAKREFS_LISTPTR(view) != NULL) return 0;
        if (PyArray_NDIM(array) != 2 || PyArray_DIMS(array)[0] < 2 || rows < 2) return 0;
        if (PyArray_DATA(array) != PyArray_DATA(all) || PyArray_DESCR(array) != PyArray_DESCR(all)) return 0;
        if (rows > PyArray_DIMS(all)[0]) return 0;
        if (PyArray_DIMS(array)[1] != PyArray_DIMS(all)[1]) return 0;
        if (memcmp(PyArray_STRIDES(array), PyArray_STRIDES(all), 2 * sizeof(npy_intp)) != 0) return 0;
        PyArray_DIMS(array)[0] = rows;
        return 1;
    #endif
    }
    /* Whether a root still shows the memory that it was made for: `base` of a view leads to the root, and numpy lets
       users set its shape, strides and type. */
    static CYTHON_INLINE int livermore_intact(PyObject *root, const double *memory, Py_ssize_t rows) {
        PyArrayObject *array = (PyArrayObject *)root;
        return PyArray_NDIM(array) == 2 && PyArray_DIMS(array)[0] == rows && PyArray_DIMS(array)[1] == 6 &&
            PyArray_STRIDES(array)[0] == 6 * sizeof(double) && PyArray_STRIDES(array)[1] == sizeof(double) &&
            PyArray_DESCR(array)->type_num == NPY_DOUBLE && PyArray_DATA(array) == (const void *)memory;
    }
    """
    int set_slot "livermore_set_slot" (object view, object slot, object value) except -1
    bint intact "livermore_intact" (object root, const double *memory, Py_ssize_t rows)
    bint extended "livermore_extended" (PyObject *view, object root, Py_ssize_t rows)


cdef object _SERIES
cdef object _END
cdef object _FORMING


cdef class CandleSeries:
    cdef object __weakref__
    cdef readonly Py_ssize_t size
    cdef readonly object exchange
    cdef readonly object symbol
    cdef readonly object timeframe
    cdef readonly Py_ssize_t warm_up_candles
    cdef readonly dict memo
    # All bars, and the same memory read-only: what `bars` shows.
    cdef object _bars
    cdef object _read_only
    cdef const double[:, :] _hidden
    cdef double[:, ::1] _shown
    cdef Py_ssize_t _shown_end
    cdef object _root
    # The newest view, and what it shows.
    cdef object _view
    cdef Py_ssize_t _view_end
    cdef bint _view_is_forming

    cpdef view(self, Py_ssize_t end)
    @cython.locals(column=Py_ssize_t)
    cpdef view_forming(self, Py_ssize_t end, const double[::1] row)
    cdef _forget_views(self)
    @cython.locals(bar=Py_ssize_t, column=Py_ssize_t)
    cdef _reveal(self, Py_ssize_t end)
    cdef _allocate(self)
    cdef _make_root(self)
    cdef _check_end(self, Py_ssize_t end)
    cdef _keep(self, object bars)
    cdef _stamped(self, Py_ssize_t end, bint forming)


cdef inline object first_rows(CandleSeries series, Py_ssize_t rows):
    if not intact(series._root, &series._shown[0, 0], series._shown.shape[0]):
        series._view = None
        series._make_root()
    if series._view is not None and extended(<PyObject *>series._view, series._root, rows):
        return series._view
    view = series._root[:rows]
    set_slot(view, _SERIES, series)
    return view
