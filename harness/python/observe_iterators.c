#include "python/python.h"

#include "python/observe_access.h"

#include "python/observe_names.h"

#define MOST_NESTED 6

/* CPython's dictiterobject, the same from 3.8 to 3.13: declared in no header. */
struct dict_iterator {
  PyObject_HEAD;
  PyObject *dict; /* NULL: at its end */
  Py_ssize_t used;
  Py_ssize_t position;
};

static bool is_dict_iterator(PyObject *object) {
  const PyTypeObject *type = Py_TYPE(object);
  return type == &PyDictIterKey_Type || type == &PyDictIterValue_Type || type == &PyDictIterItem_Type ||
         type == &PyDictRevIterKey_Type || type == &PyDictRevIterValue_Type || type == &PyDictRevIterItem_Type;
}

static void dict_step(PyObject *iterator) {
  PyObject *dict = ((struct dict_iterator *)iterator)->dict;
  if (!dict) {
    return;
  }
  const PyTypeObject *type = Py_TYPE(iterator);
  if (type == &PyDictIterKey_Type || type == &PyDictRevIterKey_Type) {
    access_length(dict);
  } else if (type != &PyDictIterValue_Type && type != &PyDictIterItem_Type) {
    access_whole(dict, false);
  } else {
    access_length(dict);
    Py_ssize_t at = ((struct dict_iterator *)iterator)->position;
    PyObject *key, *value;
    if (at >= 0 && PyDict_Next(dict, &at, &key, &value)) {
      access_item(dict, key, ITEM_READ);
    }
  }
}

static void step(PyObject *iterator, int levels);

/* What a C iterator holds: other iterators are advanced, containers are read, a C function is called. */
static int within(PyObject *held, void *arg) {
  int levels = *(int *)arg;
  if (levels <= 0) {
    access_unknown("iterators within iterators");
  } else if (Py_TYPE(held)->tp_iternext) {
    step(held, levels - 1);
  } else if (PyTuple_CheckExact(held)) { /* of zip and map: their iterators; of others: what never changes */
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(held); i++) {
      if (Py_TYPE(PyTuple_GET_ITEM(held, i))->tp_iternext) {
        step(PyTuple_GET_ITEM(held, i), levels - 1);
      }
    }
  } else if (PyCFunction_Check(held)) {
    access_call(held, NULL, 0, NULL);
    access_unknown(((PyCFunctionObject *)held)->m_ml->ml_name);
  } else if (!PyFunction_Check(held)) {
    access_whole(held, false);
  }
  return 0;
}

static void step(PyObject *iterator, int levels) {
  if (PyGen_CheckExact(iterator) || PyCoro_CheckExact(iterator)) {
    access_content(iterator, true); /* what its code does is seen there */
  } else if (access_is_python(iterator, SPECIAL_NEXT)) {
    return;
  } else if (is_dict_iterator(iterator)) {
    access_content(iterator, true);
    dict_step(iterator);
  } else {
    access_content(iterator, true);
    if (PyObject_IS_GC(iterator) && Py_TYPE(iterator)->tp_traverse) {
      Py_TYPE(iterator)->tp_traverse(iterator, within, &levels);
    }
  }
}

void access_next(PyObject *iterator) {
  if (Py_TYPE(iterator)->tp_iternext) {
    step(iterator, MOST_NESTED);
  }
}

void access_drain(PyObject *object) {
  if (is_dict_iterator(object)) {
    PyObject *dict = ((struct dict_iterator *)object)->dict;
    access_content(object, true);
    if (dict) {
      access_whole(dict, false);
    }
  } else if (Py_TYPE(object)->tp_iternext) {
    access_next(object);
  } else {
    access_whole(object, false);
  }
}

void access_new_iterator(PyObject *object) {
  if (PyList_CheckExact(object) || PyTuple_CheckExact(object) || PyUnicode_CheckExact(object) ||
      Py_TYPE(object)->tp_iternext) {
    return;
  }
  access_length(object);
}
