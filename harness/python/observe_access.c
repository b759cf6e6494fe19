#include "python/python.h"

#include "python/observe_access.h"

#include "python/lift_access.h"
#include "python/observe_names.h"
#include "strategy/strategy.h"

#define CLASS UINT64_C(0x636C617373000000)
#define MOST_LOCAL 8 /* an object with more references than this is not asked whose they are */

struct access_step access_step;

struct access_types access_types;

bool access_reducing;

static struct {
  observe_sink *sink;
  PyObject *specials[SPECIALS];
  PyObject *dict; /* "__dict__" */
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
  access_reducing = sink != NULL;
  if (!access_types.deque) {
    access_types.deque = type_of_module("_collections", "deque");
    static const char *const names[SPECIALS] = {"__getitem__", "__next__", "__call__", "__enter__"};
    for (int i = 0; i < SPECIALS; i++) {
      own.specials[i] = PyUnicode_InternFromString(names[i]);
    }
    access_types.builtins = PyEval_GetBuiltins();
    access_types.defaultdict = type_of_module("_collections", "defaultdict");
    access_types.thread_local = type_of_module("_thread", "_local");
    access_types.missing = PyUnicode_InternFromString("__missing__");
    own.dict = PyUnicode_InternFromString("__dict__");
  }
}

void access_touch(uint64_t number, uint64_t key, bool write) {
  if (access_reducing) {
    own.sink(NULL, names_mix(names_unalias(number), key), write);
  }
}

void access_unknown(const char *what) {
  access_note(what);
  if (access_reducing) {
    own.sink(NULL, STRATEGY_CELL_UNKNOWN, true);
  }
}

bool access_is_local(PyObject *object) {
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
  if (!access_reducing || names_immutable(object)) {
    return 0;
  }
  uint64_t number = names_known(object);
  if (number || access_is_local(object)) {
    return number;
  }
  return names_number(object);
}

void access_publish(PyObject *object) {
  if (access_reducing && object && !PyUnicode_CheckExact(object) && !PyLong_CheckExact(object)) {
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

/* What id() gives lies there. */
static bool may_be_id(uint64_t value) { return value >> 32 && !(value >> 47) && value % 16 == 0; }

/* False where equality of the key is decided by Python code, and for what looks like the id() of an object that has no
 * number. */
bool access_key_of(PyObject *key, uint64_t *number) {
  const PyTypeObject *type = Py_TYPE(key);
  if (PyUnicode_Check(key) && type->tp_richcompare == PyUnicode_Type.tp_richcompare) {
    *number = (uint64_t)PyUnicode_Type.tp_hash(key);
  } else if (PyLong_Check(key) && type->tp_richcompare == PyLong_Type.tp_richcompare) {
    *number = (uint64_t)PyLong_Type.tp_hash(key);
    if (may_be_id(*number)) { /* addresses differ from schedule to schedule */
      *number = names_known((PyObject *)*number);
      if (!*number) {
        return false;
      }
    }
  } else if (type == &PyFloat_Type || type == &PyBytes_Type || type == &PyFrozenSet_Type) {
    *number = (uint64_t)type->tp_hash(key);
  } else if (type == &PyTuple_Type) {
    *number = (uint64_t)PyTuple_GET_SIZE(key);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); i++) {
      uint64_t part;
      if (!access_key_of(PyTuple_GET_ITEM(key, i), &part)) {
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
  uint64_t key = ACCESS_CONTENT;
  if (key_or_null && !access_key_of(key_or_null, &key)) {
    return STRATEGY_CELL_UNKNOWN;
  }
  return names_mix(names_unalias(number), key);
}

/* ---- attributes ---- */

static void instance_attr(PyObject *object, PyObject *name, uint64_t key, bool write) {
  lift_instance_attr(object, name, write);
  if (!access_reducing) {
    return;
  }
  uint64_t number = access_number(object);
  PyObject *found = _PyType_Lookup(Py_TYPE(object), name); /* borrowed */
  bool computed = found && Py_TYPE(found) == &PyGetSetDescr_Type;
  if (!write) {
    access_touch(CLASS, key, false);
  }
  if (number) {
    access_touch(number, key, write);
    if (computed && name != own.dict) {
      access_touch(number, ACCESS_CONTENT, write);
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
  if (!write &&
      (type == &PyList_Type || type == &PyDict_Type || type == &PyUnicode_Type || type == &PySet_Type ||
       type == access_types.deque || type == &PyLong_Type || type == &PyBytes_Type || type == &PyTuple_Type)) {
    return; /* methods */
  }
  if (write && changes_kind(name)) {
    access_unknown("an assignment to __class__ or its like");
    return;
  }
  uint64_t key = 0;
  access_key_of(name, &key);
  if (PyType_Check(object)) {
    lift_class_attr((PyTypeObject *)object, name, write);
    access_touch(CLASS, key, write);
    return;
  }
  instance_attr(object, name, key, write);
}
