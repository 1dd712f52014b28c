/* What cache.py does in C: numpy scalars and NamedTuples without the calls that Python makes for them, and the callables
   that stand for indicators. A strategy calls a dozen indicators on each bar; with a function in Python in place of
   these callables a gathering takes 22 % (3 features) to 40 % (10 features) more CPU time. */
#ifndef LIVERMORE_CACHE_H
#define LIVERMORE_CACHE_H

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
/* A NamedTuple of the fields: what tuple.__new__(kind, fields) does, without the call. */
static PyObject *livermore_named_tuple(PyObject *kind, PyObject *fields) {
    Py_ssize_t i, count = PyList_GET_SIZE(fields);
    PyObject *made = ((PyTypeObject *)kind)->tp_alloc((PyTypeObject *)kind, count);
    if (made == NULL) return NULL;
    for (i = 0; i < count; i++) PyTuple_SET_ITEM(made, i, Py_NewRef(PyList_GET_ITEM(fields, i)));
    return made;
}
/* A number as a scalar of numpy's double, a subclass of Python's float. */
static PyObject *livermore_number(PyObject *kind, double x) {
    PyObject *made = ((PyTypeObject *)kind)->tp_alloc((PyTypeObject *)kind, 0);
    if (made != NULL) ((PyFloatObject *)made)->ob_fval = x;
    return made;
}
/* The callable of an indicator. A call with the very objects of an earlier call gets its value here; other calls go to
   `find` with all parameters in order, and calls that do not fit the signature to `fallback`, a function in Python. */
#define LIVERMORE_MOST_PARAMETERS 24
typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *fallback, *find, *names, *defaults, *key, *partial_key, *attributes;
    Py_ssize_t positional;
} LivermoreIndicator;

/* Set once when cache.py is imported: where a view, a class with __slots__, has its attributes. */
static PyObject *(*livermore_memo_of)(PyObject *series);
static PyTypeObject *livermore_view;
static Py_ssize_t livermore_series, livermore_end, livermore_forming;

static PyObject *livermore_read(PyObject *view, Py_ssize_t offset) {
    return *(PyObject **)((char *)view + offset);
}
/* Put all parameters after the candles in order; -1 where a call does not fit the signature. */
static int livermore_resolve(LivermoreIndicator *self, PyObject *const *args, Py_ssize_t given, PyObject *kwnames,
                             PyObject **all) {
    Py_ssize_t i, j, count = PyTuple_GET_SIZE(self->names);
    if (given > self->positional) return -1;
    for (j = 0; j < given; j++) all[j] = args[j];
    for (; j < count; j++) all[j] = PyTuple_GET_ITEM(self->defaults, j);
    for (i = 0; kwnames != NULL && i < PyTuple_GET_SIZE(kwnames); i++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, i);
        for (j = given; j < count && PyTuple_GET_ITEM(self->names, j) != name; j++) {}
        if (j >= count) return -1;
        all[j] = args[given + i];
    }
    for (j = given; j < count; j++)
        if (all[j] == self->key) return -1; /* a parameter without a default is missing */
    return 0;
}
/* Return the table of an earlier call that passed the same objects, borrowed; NULL, without an error, where there is
   none. The objects are alive as long as the list holds them, so equal addresses are equal objects. */
static PyObject *livermore_table(PyObject *series, PyObject *key, PyObject **all, Py_ssize_t count) {
#ifndef Py_GIL_DISABLED /* the list of calls is read without a lock */
    Py_ssize_t i, j;
    PyObject *calls, *tables = NULL, *memo = livermore_memo_of(series);
    if (memo != NULL) tables = PyDict_GetItemWithError(memo, key);
    Py_XDECREF(memo);
    if (tables == NULL) {
        PyErr_Clear();
        return NULL;
    }
    /* A memo is a dict that Python code can reach: what is not as `Tables` made it is left to `find`. */
    if (!PyTuple_Check(tables) || PyTuple_GET_SIZE(tables) != 2) return NULL;
    calls = PyTuple_GET_ITEM(tables, 1);
    if (!PyList_Check(calls)) return NULL;
    for (i = 0; i < PyList_GET_SIZE(calls); i++) {
        PyObject *call = PyList_GET_ITEM(calls, i), *passed;
        if (!PyTuple_Check(call) || PyTuple_GET_SIZE(call) != 2) return NULL;
        passed = PyTuple_GET_ITEM(call, 0);
        if (!PyTuple_Check(passed) || PyTuple_GET_SIZE(passed) != count) return NULL;
        for (j = 0; j < count && PyTuple_GET_ITEM(passed, j) == all[j]; j++) {}
        if (j == count) return PyTuple_GET_ITEM(call, 1);
    }
#endif
    return NULL;
}
static PyObject *livermore_call(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames) {
    LivermoreIndicator *self = (LivermoreIndicator *)callable;
    Py_ssize_t j, count = PyTuple_GET_SIZE(self->names), given = PyVectorcall_NARGS(nargsf);
    PyObject *all[LIVERMORE_MOST_PARAMETERS], *passed[2], *value;
    if (given < 1 || livermore_resolve(self, args + 1, given - 1, kwnames, all) < 0)
        return PyObject_Vectorcall(self->fallback, args, nargsf, kwnames);
    if (Py_TYPE(args[0]) == livermore_view) {
        PyObject *series = livermore_read(args[0], livermore_series), *end = livermore_read(args[0], livermore_end);
        PyObject *forming = livermore_read(args[0], livermore_forming), *table = NULL;
        if (series != NULL && end != NULL && forming != NULL)
            table = livermore_table(series, forming == Py_False ? self->key : self->partial_key, all, count);
        if (table != NULL) {
            Py_INCREF(table);
            value = PyObject_GetItem(table, forming == Py_False ? end : args[0]);
            Py_DECREF(table);
            return value;
        }
    }
    passed[0] = args[0];
    passed[1] = PyTuple_New(count);
    if (passed[1] == NULL) return NULL;
    for (j = 0; j < count; j++) PyTuple_SET_ITEM(passed[1], j, Py_NewRef(all[j]));
    value = PyObject_Vectorcall(self->find, passed, 2, NULL);
    Py_DECREF(passed[1]);
    return value;
}
#define LIVERMORE_FIELDS(DO) \
    DO(self->fallback); DO(self->find); DO(self->names); DO(self->defaults); DO(self->key); DO(self->partial_key); \
    DO(self->attributes)
static int livermore_traverse(PyObject *x, visitproc visit, void *arg) {
    LivermoreIndicator *self = (LivermoreIndicator *)x;
    LIVERMORE_FIELDS(Py_VISIT);
    return 0;
}
static int livermore_clear(PyObject *x) {
    LivermoreIndicator *self = (LivermoreIndicator *)x;
    LIVERMORE_FIELDS(Py_CLEAR);
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
    return PyObject_Repr(((LivermoreIndicator *)x)->fallback);
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
static PyTypeObject livermore_indicator = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "livermore.indicators.indicator",
    .tp_basicsize = sizeof(LivermoreIndicator),
    .tp_dealloc = livermore_dealloc,
    .tp_vectorcall_offset = offsetof(LivermoreIndicator, vectorcall),
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
    .tp_dictoffset = offsetof(LivermoreIndicator, attributes),
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
    return PyType_Ready(&livermore_indicator);
}
static PyObject *livermore_fast_callable(PyObject *fallback, PyObject *find, PyObject *names, PyObject *defaults,
                                         Py_ssize_t positional, PyObject *key, PyObject *partial_key) {
    LivermoreIndicator *made;
    Py_ssize_t j, count = PyTuple_GET_SIZE(names);
    PyObject *values;
    if (count > LIVERMORE_MOST_PARAMETERS) return Py_NewRef(fallback);
    values = PyTuple_New(count);
    if (values == NULL) return NULL;
    for (j = 0; j < count; j++) {
        /* Nobody passes the key: it stands for a default that is not there. */
        PyObject *value = PyDict_GetItemWithError(defaults, PyTuple_GET_ITEM(names, j));
        PyTuple_SET_ITEM(values, j, Py_NewRef(value != NULL ? value : key));
    }
    made = PyObject_GC_New(LivermoreIndicator, &livermore_indicator);
    if (made == NULL) {
        Py_DECREF(values);
        return NULL;
    }
    made->vectorcall = livermore_call;
    made->fallback = Py_NewRef(fallback);
    made->find = Py_NewRef(find);
    made->names = Py_NewRef(names);
    made->defaults = values;
    made->key = Py_NewRef(key);
    made->partial_key = Py_NewRef(partial_key);
    made->attributes = NULL;
    made->positional = positional;
    PyObject_GC_Track((PyObject *)made);
    return (PyObject *)made;
}

#endif
