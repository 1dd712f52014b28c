# Elements of arrays and tuples of them, less what Python makes on the way.

cdef extern from *:
    """
    /* kind(*items) for a NamedTuple: what tuple.__new__(kind, items) does. */
    static PyObject *livermore_named(PyObject *kind, PyObject *items) {
        Py_ssize_t i, count = PyList_GET_SIZE(items);
        PyObject *made = ((PyTypeObject *)kind)->tp_alloc((PyTypeObject *)kind, count);
        if (made == NULL) return NULL;
        for (i = 0; i < count; i++) {
            PyObject *item = PyList_GET_ITEM(items, i);
            Py_INCREF(item);
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
    """
    object named "livermore_named" (object kind, list items)
    object named_row "livermore_row" (object kind, list fields, Py_ssize_t place)

cdef extern from "Python.h":
    object element "PySequence_GetItem" (object x, Py_ssize_t place)
