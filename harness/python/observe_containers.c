#include "python/python.h"

#include "python/observe_access.h"

#include <stdio.h>

#include "python/lift_access.h"
#include "python/observe_names.h"

#define STRUCTURE UINT64_C(0x7374727563747572)
#define MODULE UINT64_C(0x6D6F64756C650000)
#define MOST_KEYS 1024  /* of a dict that is read as a whole; more: unknown */
#define MOST_WITHIN 512 /* objects within one that is read deeply */
#define MOST_LEVELS 8

static int within; /* what is left of MOST_WITHIN */

/* _PyDictViewObject, which 3.13's headers do not declare. */
struct dict_view {
  PyObject_HEAD;
  PyObject *dict;
};

static PyObject *dict_of_view(PyObject *view) { return ((struct dict_view *)view)->dict; }

static bool is_sequence(PyObject *object) {
  return PyList_Check(object) || PyAnySet_Check(object) || PyByteArray_Check(object) ||
         (access_types.deque && PyObject_TypeCheck(object, access_types.deque));
}

static void touch_content(PyObject *object, bool write) {
  uint64_t number = access_number(object);
  if (number) {
    access_touch(number, ACCESS_CONTENT, write);
  }
}

void access_content(PyObject *object, bool write) {
  if (PyMemoryView_Check(object) || Py_TYPE(object) == &PyDictProxy_Type) { /* what they show is another's */
    access_unknown(Py_TYPE(object)->tp_name);
    return;
  }
  if (is_sequence(object)) {
    lift_whole(object, write);
  } else if (PyCell_Check(object)) {
    lift_content(object, write);
  }
  touch_content(object, write);
}

void access_module(const char *name) {
  uint64_t number = MODULE;
  for (const char *p = name; *p; p++) {
    number = names_mix(number, (unsigned char)*p);
  }
  access_touch(number, ACCESS_CONTENT, true);
}

void access_cell(PyObject *cell, bool write) {
  if (cell && PyCell_Check(cell)) {
    access_content(cell, write);
  }
}

static void unknown_key(PyObject *key) {
  char what[120];
  snprintf(what, sizeof what, "a key of type %.80s", Py_TYPE(key)->tp_name);
  access_unknown(what);
}

/* d[key] of a key that is not there calls __missing__; a defaultdict's stores what its factory made. */
static bool creates(PyObject *dict, PyObject *key) {
  if (PyDict_CheckExact(dict) || !_PyType_Lookup(Py_TYPE(dict), access_types.missing)) {
    return false;
  }
  int there = PyDict_Contains(dict, key);
  if (there < 0) {
    PyErr_Clear();
  }
  return there != 1 && access_types.defaultdict && PyObject_TypeCheck(dict, access_types.defaultdict);
}

static void dict_item(PyObject *dict, PyObject *key, enum item_access how) {
  if (lift_here) {
    lift_item(dict, key, how == ITEM_READ && creates(dict, key) ? ITEM_SET : how);
  }
  uint64_t number = access_number(dict), cell;
  if (!number) {
    return;
  }
  if (!access_key_of(key, &cell)) {
    unknown_key(key);
    return;
  }
  if (how == ITEM_READ && creates(dict, key)) {
    how = ITEM_SET;
    access_await_result(NULL);
  }
  if (dict == access_types.builtins) { /* reads of it are not told */
    if (how != ITEM_READ) {
      access_unknown("a change of the builtins");
    }
    return;
  }
  access_touch(number, cell, how != ITEM_READ);
  if (how == ITEM_DELETE || (how == ITEM_SET && PyDict_Contains(dict, key) != 1)) {
    PyErr_Clear();
    access_touch(number, STRUCTURE, true);
  }
}

void access_item(PyObject *container, PyObject *key, enum item_access how) {
  if (PyDict_Check(container)) {
    dict_item(container, key, how);
  } else if (is_sequence(container)) {
    if (PyList_Check(container)) {
      lift_list_item(container, key, how);
    } else {
      lift_content(container, how != ITEM_READ);
    }
    touch_content(container, how != ITEM_READ);
  } else if (!names_immutable(container) && !PyType_Check(container) && !access_is_python(container, SPECIAL_GETITEM)) {
    access_content(container, how != ITEM_READ);
  }
}

void access_length(PyObject *object) {
  if (names_immutable(object)) {
    return;
  }
  if (PyDict_Check(object)) {
    lift_length(object);
    uint64_t number = access_number(object);
    if (number) {
      access_touch(number, STRUCTURE, false);
    }
  } else if (PyDictViewSet_Check(object) || PyDictValues_Check(object)) {
    access_length(dict_of_view(object));
  } else if (is_sequence(object)) {
    lift_length(object);
    touch_content(object, false);
  } else {
    access_content(object, false);
  }
}

static void dict_whole(PyObject *dict, bool write) {
  if (write && dict == access_types.builtins) {
    access_unknown("a change of the builtins");
    return;
  }
  lift_whole(dict, write);
  uint64_t number = access_number(dict);
  if (!number) {
    return;
  }
  if (names_is_alias(number) || PyDict_GET_SIZE(dict) > MOST_KEYS) {
    access_unknown(names_is_alias(number) ? "__dict__ as a whole" : "a dict of more than 1,024 keys as a whole");
    return;
  }
  access_touch(number, STRUCTURE, write);
  PyObject *key, *value;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &value);) {
    uint64_t cell;
    if (access_key_of(key, &cell)) {
      access_touch(number, cell, write);
    } else {
      unknown_key(key);
    }
  }
}

void access_whole(PyObject *object, bool write) {
  if (PyDict_Check(object)) {
    dict_whole(object, write);
  } else if (PyDictKeys_Check(object)) {
    access_length(object);
  } else if (PyDictViewSet_Check(object) || PyDictValues_Check(object)) {
    access_whole(dict_of_view(object), write);
  } else if (!names_immutable(object) && !PyType_Check(object) && !PyModule_Check(object) &&
             !PyFunction_Check(object)) {
    access_content(object, write);
  }
}

static void deep(PyObject *object, int levels);

static void deep_sequence(PyObject *const *items, Py_ssize_t count, int levels) {
  for (Py_ssize_t i = 0; i < count; i++) {
    deep(items[i], levels);
  }
}

static int deep_item(PyObject *item, void *levels) {
  deep(item, *(int *)levels);
  return 0;
}

static void deep_items(PyObject *object, int levels) {
  PyObject *key, *value;
  if (PyTuple_Check(object)) {
    deep_sequence(((PyTupleObject *)object)->ob_item, PyTuple_GET_SIZE(object), levels);
  } else if (PyList_Check(object)) {
    deep_sequence(((PyListObject *)object)->ob_item, PyList_GET_SIZE(object), levels);
  } else if (PyDict_Check(object)) {
    for (Py_ssize_t at = 0; PyDict_Next(object, &at, &key, &value);) {
      deep(key, levels);
      deep(value, levels);
    }
  } else if (PyDictViewSet_Check(object) || PyDictValues_Check(object)) {
    deep_items(dict_of_view(object), levels);
  } else if (access_types.deque && PyObject_TypeCheck(object, access_types.deque)) {
    access_types.deque->tp_traverse(object, deep_item, &levels);
  }
}

static void deep(PyObject *object, int levels) {
  if (PyUnicode_CheckExact(object) || PyLong_CheckExact(object) || object == Py_None) {
    return;
  }
  if (levels == 0 || within-- <= 0) {
    access_unknown("a large object as a whole");
    return;
  }
  if (PyIter_Check(object)) {
    access_drain(object);
    return;
  }
  access_whole(object, false);
  deep_items(object, levels - 1);
}

void access_deep(PyObject *object) {
  within = MOST_WITHIN;
  deep(object, MOST_LEVELS);
}
