#include "python/python.h"

#include "python/observe_access.h"

#include "python/lift_access.h"
#include "python/observe_names.h"

#define MOST_NESTED 8

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

/* CPython's own, the same from 3.9 to 3.13. */
struct list_iterator {
  PyObject_HEAD;
  Py_ssize_t index;
  PyObject *list; /* NULL: at its end */
};

/* Tells what is read of the container; false: the general way tells it. */
static bool lift_step(PyObject *iterator, bool all) {
  if (!lift_here || all) {
    return false;
  }
  if (Py_TYPE(iterator) == &PyListIter_Type) {
    const struct list_iterator *list = (const struct list_iterator *)iterator;
    lift_iterating(iterator, list->index);
    if (list->list) {
      lift_list_step(list->list, list->index);
    }
  } else if (Py_TYPE(iterator) == &PySetIter_Type) {          /* its items were told when it began */
    PyObject *set = ((struct dict_iterator *)iterator)->dict; /* of the same layout */
    lift_iterating(iterator, -1);
    if (set) {
      lift_length(set);
    }
  } else {
    return false;
  }
  lift_iterated();
  return true;
}

static void dict_step(PyObject *iterator, bool all) {
  PyObject *dict = ((struct dict_iterator *)iterator)->dict;
  if (!dict) {
    return;
  }
  const PyTypeObject *type = Py_TYPE(iterator);
  if (type == &PyDictIterKey_Type || type == &PyDictRevIterKey_Type) {
    access_length(dict);
  } else if (all || (type != &PyDictIterValue_Type && type != &PyDictIterItem_Type)) {
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

/* How far an iterator goes, and how many iterators may be nested in it. */
struct advance {
  bool all; /* to its end, not by one */
  int levels;
};

static void advance(PyObject *iterator, struct advance how);

/* What a C iterator holds: other iterators are advanced, containers are read, a C function is called. */
static int within(PyObject *held, void *arg) {
  struct advance how = *(struct advance *)arg;
  if (how.levels-- <= 0) {
    access_unknown("iterators within iterators");
  } else if (PyIter_Check(held)) {
    advance(held, how);
  } else if (PyTuple_CheckExact(held)) { /* of zip and map: their iterators; of chain: what it goes through */
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(held); i++) {
      within(PyTuple_GET_ITEM(held, i), &how);
    }
  } else if (PyCFunction_Check(held)) {
    access_call(held, NULL, 0, NULL);
    access_unknown(((PyCFunctionObject *)held)->m_ml->ml_name);
  } else if (!PyFunction_Check(held)) {
    access_whole(held, false);
  }
  return 0;
}

static void advance(PyObject *iterator, struct advance how) {
  if (access_is_python(iterator, SPECIAL_NEXT)) {
    return; /* what its code does is seen there */
  }
  access_content(iterator, true);
  if (PyGen_CheckExact(iterator) || PyCoro_CheckExact(iterator)) {
    return;
  }
  bool lifts = lift_here;
  lift_here = lifts && !lift_step(iterator, how.all);
  if (is_dict_iterator(iterator)) {
    lift_iterating(iterator, ((struct dict_iterator *)iterator)->position);
    dict_step(iterator, how.all);
  } else if (PyObject_IS_GC(iterator) && Py_TYPE(iterator)->tp_traverse && (lift_here || access_reducing)) {
    lift_iterating(iterator, -1);
    Py_TYPE(iterator)->tp_traverse(iterator, within, &how);
  }
  lift_iterated();
  lift_here = lifts;
}

void access_next(PyObject *iterator) {
  if (PyIter_Check(iterator)) {
    advance(iterator, (struct advance){.all = false, .levels = MOST_NESTED});
  }
}

void access_drain(PyObject *object) {
  if (PyIter_Check(object)) {
    advance(object, (struct advance){.all = true, .levels = MOST_NESTED});
  } else {
    access_whole(object, false);
  }
}

void access_new_iterator(PyObject *object) {
  lift_iteration_begins();
  if (PyAnySet_Check(object)) {
    lift_whole(object, false);
  }
  if (PyList_CheckExact(object) || PyTuple_CheckExact(object) || PyUnicode_CheckExact(object) || PyIter_Check(object)) {
    return;
  }
  access_length(object);
}
