#include "python/python.h"

#include "python/observe_access.h"

#include <stdio.h>

#include "python/observe_names.h"
#include "strategy/strategy.h"

#define CONTENT UINT64_C(0x636F6E74656E7400)
#define STRUCTURE UINT64_C(0x7374727563747572)
#define CLASS UINT64_C(0x636C617373000000)
#define MODULE UINT64_C(0x6D6F64756C650000)
#define MOST_KEYS 1024  /* of a dict that is read as a whole; more: unknown */
#define MOST_WITHIN 512 /* objects within one that is read deeply */
#define MOST_LEVELS 8
#define MOST_LOCAL 8 /* an object with more references than this is not asked whose they are */

struct access_step access_step;

static struct {
  observe_sink *sink;
  PyTypeObject *deque;
  PyTypeObject *defaultdict;
  PyObject *builtins;
  PyObject *specials[SPECIALS];
  PyObject *missing; /* "__missing__" */
  PyObject *dict;    /* "__dict__" */
  int within;        /* what is left of MOST_WITHIN */
} own;

static PyTypeObject *type_of_module(const char *module, const char *name) {
  PyObject *loaded = PyImport_ImportModule(module);
  PyObject *type = loaded ? PyObject_GetAttrString(loaded, name) : NULL;
  Py_XDECREF(loaded);
  PyErr_Clear();
  return (PyTypeObject *)type;
}

void access_open(observe_sink *sink) {
  own.sink = sink;
  if (!own.deque) {
    own.deque = type_of_module("_collections", "deque");
    static const char *const names[SPECIALS] = {"__getitem__", "__next__", "__call__", "__enter__"};
    for (int i = 0; i < SPECIALS; i++) {
      own.specials[i] = PyUnicode_InternFromString(names[i]);
    }
    own.builtins = PyEval_GetBuiltins();
    own.defaultdict = type_of_module("_collections", "defaultdict");
    own.missing = PyUnicode_InternFromString("__missing__");
    own.dict = PyUnicode_InternFromString("__dict__");
  }
}

static void touch(uint64_t number, uint64_t key, bool write) {
  own.sink(NULL, names_mix(names_unalias(number), key), write);
}

void access_unknown(const char *what) {
  access_note(what);
  own.sink(NULL, STRATEGY_CELL_UNKNOWN, true);
}

/* Whether each reference to it is in the frame that runs: no other thread can have it. */
static bool is_local(PyObject *object) {
  Py_ssize_t count = Py_REFCNT(object);
  if (count > MOST_LOCAL) {
    return false;
  }
  for (int i = 0; i < access_step.slots && count; i++) {
    count -= access_step.locals[i] == object;
  }
  return count <= 0;
}

uint64_t access_number(PyObject *object) {
  if (names_immutable(object)) {
    return 0;
  }
  uint64_t number = names_known(object);
  if (number || is_local(object)) {
    return number;
  }
  return names_number(object);
}

void access_publish(PyObject *object) {
  if (object && !PyUnicode_CheckExact(object) && !PyLong_CheckExact(object)) {
    names_number(object);
  }
}

bool access_is_python(PyObject *object, enum access_special special) {
  PyTypeObject *type = Py_TYPE(object);
  if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
    return false;
  }
  PyObject *found = _PyType_Lookup(type, own.specials[special]); /* borrowed */
  return found && PyFunction_Check(found);
}

/* ---- keys ---- */

/* False where equality of the key is decided by Python code. */
static bool key_of(PyObject *key, uint64_t *number) {
  const PyTypeObject *type = Py_TYPE(key);
  if (PyUnicode_Check(key) && type->tp_richcompare == PyUnicode_Type.tp_richcompare) {
    *number = (uint64_t)PyUnicode_Type.tp_hash(key);
  } else if (PyLong_Check(key) && type->tp_richcompare == PyLong_Type.tp_richcompare) {
    *number = (uint64_t)PyLong_Type.tp_hash(key);
  } else if (type == &PyFloat_Type || type == &PyBytes_Type || type == &PyFrozenSet_Type) {
    *number = (uint64_t)type->tp_hash(key);
  } else if (type == &PyTuple_Type) {
    *number = (uint64_t)PyTuple_GET_SIZE(key);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); i++) {
      uint64_t part;
      if (!key_of(PyTuple_GET_ITEM(key, i), &part)) {
        return false;
      }
      *number = names_mix(*number, part);
    }
  } else if (key == Py_None) {
    *number = 1;
  } else if (type->tp_richcompare == PyBaseObject_Type.tp_richcompare) { /* identity */
    *number = names_number(key);
  } else {
    return false;
  }
  *number = names_mix(*number, 7);
  return true;
}

uint64_t access_cell_of(uint64_t number, PyObject *key_or_null) {
  uint64_t key = CONTENT;
  if (key_or_null && !key_of(key_or_null, &key)) {
    return STRATEGY_CELL_UNKNOWN;
  }
  return names_mix(names_unalias(number), key);
}

/* ---- attributes ---- */

static void instance_attr(PyObject *object, PyObject *name, uint64_t key, bool write) {
  uint64_t number = access_number(object);
  PyObject *found = _PyType_Lookup(Py_TYPE(object), name); /* borrowed */
  bool computed = found && Py_TYPE(found) == &PyGetSetDescr_Type;
  if (!write) {
    touch(CLASS, key, false);
  }
  if (number) {
    touch(number, key, write);
    if (computed && name != own.dict) {
      touch(number, CONTENT, write);
    }
  }
  if (name == own.dict) {
    access_await_result(object);
  }
}

/* Attributes whose change changes what the others mean. */
static bool changes_kind(PyObject *name) {
  static const char *const names[] = {"__class__", "__dict__", "__bases__", "__code__", "__mro__"};
  if (!PyUnicode_GET_LENGTH(name) || PyUnicode_READ_CHAR(name, 0) != '_') {
    return false;
  }
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (PyUnicode_CompareWithASCIIString(name, names[i]) == 0) {
      return true;
    }
  }
  return false;
}

void access_attr(PyObject *object, PyObject *name, bool write) {
  if (!PyUnicode_CheckExact(name)) {
    access_unknown("attribute of a name that is no str");
    return;
  }
  const PyTypeObject *type = Py_TYPE(object);
  if (PyModule_Check(object)) {
    access_item(PyModule_GetDict(object), name, write ? ITEM_SET : ITEM_READ);
    return;
  }
  if (!write && (type == &PyList_Type || type == &PyDict_Type || type == &PyUnicode_Type || type == &PySet_Type ||
                 type == own.deque || type == &PyLong_Type || type == &PyBytes_Type || type == &PyTuple_Type)) {
    return; /* methods */
  }
  if (write && changes_kind(name)) {
    access_unknown("an assignment to __class__ or its like");
    return;
  }
  uint64_t key = 0;
  key_of(name, &key);
  if (PyType_Check(object)) {
    touch(CLASS, key, write);
    return;
  }
  instance_attr(object, name, key, write);
}

/* ---- containers ---- */

/* _PyDictViewObject, which 3.13's headers do not declare. */
struct dict_view {
  PyObject_HEAD;
  PyObject *dict;
};

static PyObject *dict_of_view(PyObject *view) { return ((struct dict_view *)view)->dict; }

static bool is_sequence(PyObject *object) {
  return PyList_Check(object) || PyAnySet_Check(object) || PyByteArray_Check(object) ||
         (own.deque && PyObject_TypeCheck(object, own.deque));
}

void access_content(PyObject *object, bool write) {
  if (PyMemoryView_Check(object) || Py_TYPE(object) == &PyDictProxy_Type) { /* what they show is another's */
    access_unknown(Py_TYPE(object)->tp_name);
    return;
  }
  uint64_t number = access_number(object);
  if (number) {
    touch(number, CONTENT, write);
  }
}

void access_module(const char *name) {
  uint64_t number = MODULE;
  for (const char *p = name; *p; p++) {
    number = names_mix(number, (unsigned char)*p);
  }
  touch(number, CONTENT, true);
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
  if (PyDict_CheckExact(dict) || !_PyType_Lookup(Py_TYPE(dict), own.missing)) {
    return false;
  }
  int there = PyDict_Contains(dict, key);
  if (there < 0) {
    PyErr_Clear();
  }
  return there != 1 && own.defaultdict && PyObject_TypeCheck(dict, own.defaultdict);
}

static void dict_item(PyObject *dict, PyObject *key, enum item_access how) {
  uint64_t number = access_number(dict), cell;
  bool plain = key_of(key, &cell);
  if (!plain) {
    unknown_key(key);
    return;
  }
  if (how == ITEM_READ && creates(dict, key)) {
    how = ITEM_SET;
    access_await_result(NULL);
  }
  if (dict == own.builtins) { /* reads of it are not told */
    if (how != ITEM_READ) {
      access_unknown("a change of the builtins");
    }
    return;
  }
  if (!number) {
    return;
  }
  touch(number, cell, how != ITEM_READ);
  if (how == ITEM_DELETE || (how == ITEM_SET && PyDict_Contains(dict, key) != 1)) {
    PyErr_Clear();
    touch(number, STRUCTURE, true);
  }
}

void access_item(PyObject *container, PyObject *key, enum item_access how) {
  if (PyDict_Check(container)) {
    dict_item(container, key, how);
  } else if (is_sequence(container)) {
    access_content(container, how != ITEM_READ);
  } else if (!names_immutable(container) && !PyType_Check(container) && !access_is_python(container, SPECIAL_GETITEM)) {
    access_content(container, how != ITEM_READ);
  }
}

void access_length(PyObject *object) {
  if (names_immutable(object)) {
    return;
  }
  if (PyDict_Check(object)) {
    uint64_t number = access_number(object);
    if (number) {
      touch(number, STRUCTURE, false);
    }
  } else if (PyDictViewSet_Check(object) || PyDictValues_Check(object)) {
    access_length(dict_of_view(object));
  } else {
    access_content(object, false);
  }
}

static void dict_whole(PyObject *dict, bool write) {
  if (write && dict == own.builtins) {
    access_unknown("a change of the builtins");
    return;
  }
  uint64_t number = access_number(dict);
  if (!number) {
    return;
  }
  if (names_is_alias(number) || PyDict_GET_SIZE(dict) > MOST_KEYS) {
    access_unknown(names_is_alias(number) ? "__dict__ as a whole" : "a dict of more than 1,024 keys as a whole");
    return;
  }
  touch(number, STRUCTURE, write);
  PyObject *key, *value;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &value);) {
    uint64_t cell;
    if (key_of(key, &cell)) {
      touch(number, cell, write);
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
  } else if (own.deque && PyObject_TypeCheck(object, own.deque)) {
    own.deque->tp_traverse(object, deep_item, &levels);
  }
}

static void deep(PyObject *object, int levels) {
  if (PyUnicode_CheckExact(object) || PyLong_CheckExact(object) || object == Py_None) {
    return;
  }
  if (levels == 0 || own.within-- <= 0) {
    access_unknown("a large object as a whole");
    return;
  }
  if (Py_TYPE(object)->tp_iternext) {
    access_drain(object);
    return;
  }
  access_whole(object, false);
  deep_items(object, levels - 1);
}

void access_deep(PyObject *object) {
  own.within = MOST_WITHIN;
  deep(object, MOST_LEVELS);
}
