/* What lookup.py does in C: slots, elements of arrays, numbers and tuples of them, less what Python makes on the way; and
   the functions that users call. */
#ifndef LIVERMORE_LOOKUP_H
#define LIVERMORE_LOOKUP_H

#include <Python.h>
#include <stddef.h>
#include <structmember.h>
#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <numpy/ndarraytypes.h>

/* The values of a view of `count` candles, row after row; NULL where it is not what a series makes. */
static inline const double *livermore_rows(PyObject *view, Py_ssize_t count) {
    PyArrayObject *array = (PyArrayObject *)view;
    if (PyArray_NDIM(array) != 2 || PyArray_DIMS(array)[0] != count || PyArray_DIMS(array)[1] != 6) return NULL;
    if (PyArray_STRIDES(array)[1] != sizeof(double) || PyArray_STRIDES(array)[0] != 6 * sizeof(double)) return NULL;
    return PyArray_DESCR(array)->type_num == NPY_DOUBLE ? (const double *)PyArray_DATA(array) : NULL;
}
/* What stands in the slot that a member descriptor is of. */
static PyObject *livermore_slot(PyObject *x, PyObject *descriptor) {
    return PyMember_GetOne((const char *)x, ((PyMemberDescrObject *)descriptor)->d_member);
}
/* slice(None, -hidden), and slice(None, None) for none. */
static PyObject *livermore_all_but(Py_ssize_t hidden) {
    PyObject *part, *stop = hidden == 0 ? NULL : PyLong_FromSsize_t(-hidden);
    if (hidden != 0 && stop == NULL) return NULL;
    part = PySlice_New(NULL, stop, NULL);
    Py_XDECREF(stop);
    return part;
}
/* A NamedTuple of a part of each field: what tuple.__new__(kind, items) does. */
static PyObject *livermore_part(PyObject *kind, PyObject *fields, PyObject *part) {
    Py_ssize_t i, count = PyList_GET_SIZE(fields);
    PyObject *made = ((PyTypeObject *)kind)->tp_alloc((PyTypeObject *)kind, count);
    if (made == NULL) return NULL;
    for (i = 0; i < count; i++) {
        PyObject *item = PyObject_GetItem(PyList_GET_ITEM(fields, i), part);
        if (item == NULL) {
            Py_DECREF(made);
            return NULL;
        }
        PyTuple_SET_ITEM(made, i, item);
    }
    return made;
}
/* The same of the elements at `place` of each field. */
static PyObject *livermore_row(PyObject *kind, PyObject *fields, Py_ssize_t place) {
    Py_ssize_t i, count = PyList_GET_SIZE(fields);
    PyObject *made = ((PyTypeObject *)kind)->tp_alloc((PyTypeObject *)kind, count);
    if (made == NULL) return NULL;
    for (i = 0; i < count; i++) {
        PyObject *item = PySequence_GetItem(PyList_GET_ITEM(fields, i), place);
        if (item == NULL) {
            Py_DECREF(made);
            return NULL;
        }
        PyTuple_SET_ITEM(made, i, item);
    }
    return made;
}
/* A number as a scalar of numpy's double, a subclass of Python's float. */
static PyObject *livermore_number(PyObject *kind, double x) {
    PyObject *made = ((PyTypeObject *)kind)->tp_alloc((PyTypeObject *)kind, 0);
    if (made != NULL) ((PyFloatObject *)made)->ob_fval = x;
    return made;
}
/* A NamedTuple of them. */
static PyObject *livermore_numbers(PyObject *kind, PyObject *scalar, const double *x, Py_ssize_t count) {
    Py_ssize_t i;
    PyObject *made = ((PyTypeObject *)kind)->tp_alloc((PyTypeObject *)kind, count);
    if (made == NULL) return NULL;
    for (i = 0; i < count; i++) {
        PyObject *item = livermore_number(scalar, x[i]);
        if (item == NULL) {
            Py_DECREF(made);
            return NULL;
        }
        PyTuple_SET_ITEM(made, i, item);
    }
    return made;
}
/* A function of an indicator. What calls it with objects that it has been called with before, on completed bars
   or with a bar that forms, gets its value from here; all else goes to `call`, the same function in Python. */
#define LIVERMORE_MOST 24
typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *call, *names, *defaults, *key, *forming, *attributes;
    Py_ssize_t positional;
} LivermoreCaller;

static PyObject *(*livermore_memo_of)(PyObject *series);
static PyTypeObject *livermore_view;
static Py_ssize_t livermore_series, livermore_end, livermore_forming;

static PyObject *livermore_read(PyObject *view, Py_ssize_t offset) {
    return *(PyObject **)((char *)view + offset);
}
/* Resolve what is behind the candles; -1 where a call is unusual. */
static int livermore_resolve(LivermoreCaller *self, PyObject *const *args, Py_ssize_t given, PyObject *kwnames,
                             PyObject **all) {
    Py_ssize_t i, j, count = PyTuple_GET_SIZE(self->names);
    if (given > self->positional) return -1;
    for (j = 0; j < given; j++) all[j] = args[j];
    for (; j < count; j++) all[j] = PyTuple_GET_ITEM(self->defaults, j);
    if (kwnames == NULL) return 0;
    for (i = 0; i < PyTuple_GET_SIZE(kwnames); i++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, i);
        for (j = given; j < count && PyTuple_GET_ITEM(self->names, j) != name; j++) {}
        if (j >= count) return -1;
        all[j] = args[given + i];
    }
    return 0;
}
/* Return the table of a call, borrowed; NULL, without an error, where none is known. */
static PyObject *livermore_table(LivermoreCaller *self, PyObject *series, PyObject *key, PyObject **all) {
    Py_ssize_t i, j, count = PyTuple_GET_SIZE(self->names);
    PyObject *calls, *tables, *memo = livermore_memo_of(series);
    if (memo == NULL) {
        PyErr_Clear();
        return NULL;
    }
    tables = PyDict_GetItemWithError(memo, key);
    Py_DECREF(memo);
    if (tables == NULL) {
        PyErr_Clear();
        return NULL;
    }
    calls = PyTuple_GET_ITEM(tables, 1);
    for (i = 0; i < PyList_GET_SIZE(calls); i++) {
        PyObject *call = PyList_GET_ITEM(calls, i);
        for (j = 0; j < count && PyTuple_GET_ITEM(call, j) == all[j]; j++) {}
        if (j == count) return PyList_GET_ITEM(PyTuple_GET_ITEM(tables, 2), i);
    }
    return NULL;
}
static PyObject *livermore_called(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames) {
    LivermoreCaller *self = (LivermoreCaller *)callable;
    Py_ssize_t given = PyVectorcall_NARGS(nargsf);
    PyObject *all[LIVERMORE_MOST];
    if (given > 0 && Py_TYPE(args[0]) == livermore_view &&
        livermore_resolve(self, args + 1, given - 1, kwnames, all) == 0) {
        PyObject *series = livermore_read(args[0], livermore_series), *end = livermore_read(args[0], livermore_end);
        PyObject *forming = livermore_read(args[0], livermore_forming), *table = NULL;
        if (series != NULL && end != NULL && forming != NULL)
            table = livermore_table(self, series, forming == Py_False ? self->key : self->forming, all);
        if (table != NULL) {
            PyObject *value, *place = forming == Py_False ? end : args[0];
            Py_INCREF(table);
            value = Py_TYPE(table)->tp_as_mapping->mp_subscript(table, place);
            Py_DECREF(table);
            return value;
        }
    }
    return PyObject_Vectorcall(self->call, args, nargsf, kwnames);
}
static int livermore_traverse(PyObject *x, visitproc visit, void *arg) {
    LivermoreCaller *self = (LivermoreCaller *)x;
    Py_VISIT(self->call);
    Py_VISIT(self->names);
    Py_VISIT(self->defaults);
    Py_VISIT(self->key);
    Py_VISIT(self->forming);
    Py_VISIT(self->attributes);
    return 0;
}
static int livermore_clear(PyObject *x) {
    LivermoreCaller *self = (LivermoreCaller *)x;
    Py_CLEAR(self->call);
    Py_CLEAR(self->names);
    Py_CLEAR(self->defaults);
    Py_CLEAR(self->key);
    Py_CLEAR(self->forming);
    Py_CLEAR(self->attributes);
    return 0;
}
static void livermore_dealloc(PyObject *x) {
    PyObject_GC_UnTrack(x);
    livermore_clear(x);
    Py_TYPE(x)->tp_free(x);
}
static PyObject *livermore_bound(PyObject *x, PyObject *instance, PyObject *type) {
    (void)type;
    if (instance == NULL || instance == Py_None) return Py_NewRef(x);
    return PyMethod_New(x, instance);
}
static PyObject *livermore_repr(PyObject *x) {
    return PyObject_Repr(((LivermoreCaller *)x)->call);
}
/* Pickled by its name, as functions are. */
static PyObject *livermore_reduce(PyObject *x, PyObject *unused) {
    (void)unused;
    return PyObject_GetAttrString(x, "__qualname__");
}
static PyMethodDef livermore_methods[] = {{"__reduce__", livermore_reduce, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyGetSetDef livermore_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL}
};
static PyTypeObject livermore_caller = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "livermore.indicators.function",
    .tp_basicsize = sizeof(LivermoreCaller),
    .tp_dealloc = livermore_dealloc,
    .tp_vectorcall_offset = offsetof(LivermoreCaller, vectorcall),
    .tp_repr = livermore_repr,
    .tp_call = PyVectorcall_Call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_traverse = livermore_traverse,
    .tp_clear = livermore_clear,
    .tp_methods = livermore_methods,
    .tp_getset = livermore_getset,
    .tp_descr_get = livermore_bound,
    .tp_dictoffset = offsetof(LivermoreCaller, attributes),
    .tp_free = PyObject_GC_Del,
};
static Py_ssize_t livermore_offset(PyObject *descriptor) {
    return ((PyMemberDescrObject *)descriptor)->d_member->offset;
}
static int livermore_prepare(PyObject *(*memo_of)(PyObject *), PyObject *view, PyObject *series, PyObject *end,
                             PyObject *forming) {
    livermore_memo_of = memo_of;
    livermore_view = (PyTypeObject *)Py_NewRef(view);
    livermore_series = livermore_offset(series);
    livermore_end = livermore_offset(end);
    livermore_forming = livermore_offset(forming);
    return PyType_Ready(&livermore_caller);
}
static PyObject *livermore_quick(PyObject *call, PyObject *names, PyObject *defaults, Py_ssize_t positional,
                                 PyObject *key, PyObject *forming) {
    LivermoreCaller *made;
    Py_ssize_t j, count = PyTuple_GET_SIZE(names);
    PyObject *values;
    if (count > LIVERMORE_MOST) return Py_NewRef(call);
#ifdef Py_GIL_DISABLED
    return Py_NewRef(call); /* the lists of calls are read without a lock */
#endif
    values = PyTuple_New(count);
    if (values == NULL) return NULL;
    for (j = 0; j < count; j++) {
        /* Nobody passes the key, which therefore stands where there is no default: no call is known by it. */
        PyObject *value = PyDict_GetItemWithError(defaults, PyTuple_GET_ITEM(names, j));
        PyTuple_SET_ITEM(values, j, Py_NewRef(value != NULL ? value : key));
    }
    made = PyObject_GC_New(LivermoreCaller, &livermore_caller);
    if (made == NULL) {
        Py_DECREF(values);
        return NULL;
    }
    made->vectorcall = livermore_called;
    made->call = Py_NewRef(call);
    made->names = Py_NewRef(names);
    made->defaults = values;
    made->key = Py_NewRef(key);
    made->forming = Py_NewRef(forming);
    made->attributes = NULL;
    made->positional = positional;
    PyObject_GC_Track((PyObject *)made);
    return (PyObject *)made;
}

#endif
