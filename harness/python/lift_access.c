#include "python/python.h"

#include "python/lift_access.h"

#include <stdio.h>

#include "python/lift.h"

#define MOST_ITEMS 1024 /* of a container that is touched as a whole; of a larger one only its structure */

bool lift_here;

static uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t x = (a ^ (b + UINT64_C(0x9E3779B97F4A7C15) + (a << 6) + (a >> 2))) * UINT64_C(0xBF58476D1CE4E5B9);
  return x ^ x >> 31;
}

/* A number that equal keys share; false where Python code decides which are equal. */
static bool number_of(PyObject *key, uint64_t *number) {
  const PyTypeObject *type = Py_TYPE(key);
  bool text = PyUnicode_Check(key) && type->tp_richcompare == PyUnicode_Type.tp_richcompare;
  bool whole = PyLong_Check(key) && type->tp_richcompare == PyLong_Type.tp_richcompare;
  if (text) {
    *number = mix(1, (uint64_t)PyUnicode_Type.tp_hash(key));
  } else if (whole || type == &PyFloat_Type) { /* 1 == 1.0, and their hashes are */
    *number = mix(2, (uint64_t)(whole ? PyLong_Type.tp_hash(key) : type->tp_hash(key)));
  } else if (type == &PyBytes_Type || type == &PyFrozenSet_Type) {
    *number = mix(3, (uint64_t)type->tp_hash(key));
  } else if (type == &PyTuple_Type) {
    *number = (uint64_t)PyTuple_GET_SIZE(key);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); i++) {
      uint64_t part;
      if (!number_of(PyTuple_GET_ITEM(key, i), &part)) {
        return false;
      }
      *number = mix(*number, part);
    }
  } else if (type->tp_richcompare == PyBaseObject_Type.tp_richcompare || key == Py_None) { /* identity */
    *number = mix(4, (uint64_t)(uintptr_t)key);
  } else {
    return false;
  }
  return true;
}

/* Its end runs code: it must come when the program lets go of it. */
static bool ends_with_code(PyObject *object) { return Py_TYPE(object)->tp_finalize || Py_TYPE(object)->tp_del; }

bool lift_follows(PyObject *object) {
  if (!lift_here || PyFrozenSet_CheckExact(object) || access_is_local(object)) {
    return false;
  }
  if (ends_with_code(object)) {
    char what[160];
    snprintf(what, sizeof what, "accesses to a %.100s, which has a finaliser", Py_TYPE(object)->tp_name);
    access_note(what);
    return false;
  }
  return true;
}

/* ---- attributes ----------------------------------------------------------------------------------------------------
 */

/* threading.local: each thread has its own. */
static bool is_thread_local(PyTypeObject *type) {
  return access_types.thread_local && PyType_IsSubtype(type, access_types.thread_local);
}

static bool is_method_or_the_like(PyObject *found) {
  const PyTypeObject *type = Py_TYPE(found);
  return type == &PyFunction_Type || type == &PyMethodDescr_Type || type == &PyClassMethod_Type ||
         type == &PyStaticMethod_Type || type == &PyProperty_Type || type == &PyWrapperDescr_Type ||
         type == &PyGetSetDescr_Type || type == &PyClassMethodDescr_Type;
}

static uint64_t number_of_name(PyObject *name) { return mix(1, (uint64_t)PyUnicode_Type.tp_hash(name)); }

void lift_instance_attr(PyObject *object, PyObject *name, bool write) {
  if (!lift_here || !(Py_TYPE(object)->tp_flags & Py_TPFLAGS_HEAPTYPE) || is_thread_local(Py_TYPE(object))) {
    return;
  }
  PyObject *found = _PyType_Lookup(Py_TYPE(object), name); /* borrowed */
  if (found && is_method_or_the_like(found)) {
    return; /* a property's code is seen itself */
  }
  if (found && !write && Py_TYPE(found) != &PyMemberDescr_Type) { /* not a slot of the instance: maybe the class's */
    lift_class_attr(Py_TYPE(object), name, false);
  }
  if (lift_follows(object)) {
    lift_touch(object, LIFT_ATTRIBUTE, name, number_of_name(name), write);
  }
}

/* Of the class that has it, which may be a base. */
void lift_class_attr(PyTypeObject *type, PyObject *name, bool write) {
  if (!lift_here || !(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
    return;
  }
  PyObject *owner = (PyObject *)type, *mro = write ? NULL : type->tp_mro;
  for (Py_ssize_t i = 0; mro && i < PyTuple_GET_SIZE(mro); i++) {
    PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
    PyObject *found =
        base->tp_dict ? PyDict_GetItemWithError(base->tp_dict, name) : NULL; /* borrowed; a str: no code */
    if (found) {
      if (is_method_or_the_like(found) || !(base->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
        return;
      }
      owner = (PyObject *)base;
      break;
    }
  }
  lift_touch(owner, LIFT_ATTRIBUTE, name, number_of_name(name), write);
}

/* ---- items ---------------------------------------------------------------------------------------------------------
 */

static bool has_number(PyObject *key, uint64_t *number) {
  if (number_of(key, number)) {
    return true;
  }
  char what[120];
  snprintf(what, sizeof what, "a key of type %.80s", Py_TYPE(key)->tp_name);
  access_note(what);
  return false;
}

static bool is_in(PyObject *container, PyObject *key) {
  int there = PyDict_Check(container) ? PyDict_Contains(container, key) : PySet_Contains(container, key);
  if (there < 0) { /* not hashable: the instruction will raise */
    PyErr_Clear();
  }
  return there == 1;
}

/* The structure first, here as where all is read: of the races between two functions the first is told, and so it is
 * the same one whichever of the threads came first. */
void lift_item(PyObject *container, PyObject *key, enum item_access how) {
  uint64_t number;
  if (!lift_follows(container) || !has_number(key, &number)) {
    return;
  }
  bool there = how == ITEM_READ || is_in(container, key), deletes = how == ITEM_DELETE;
  if (how != ITEM_READ && deletes == there) { /* a new key, or one less */
    lift_touch(container, LIFT_STRUCTURE, NULL, 0, true);
  }
  lift_touch(container, LIFT_ITEM, key, number, how != ITEM_READ && (!deletes || there));
}

void lift_default(PyObject *dict, PyObject *key) {
  uint64_t number;
  if (lift_follows(dict) && has_number(key, &number)) {
    lift_item(dict, key, is_in(dict, key) ? ITEM_READ : ITEM_SET);
  }
}

void lift_member(PyObject *set, PyObject *key, enum item_access how) {
  uint64_t number;
  if (!lift_follows(set) || !has_number(key, &number)) {
    return;
  }
  bool changes = how != ITEM_READ && is_in(set, key) == (how == ITEM_DELETE);
  if (changes) {
    lift_touch(set, LIFT_STRUCTURE, NULL, 0, true);
  }
  lift_touch(set, LIFT_ITEM, key, number, changes);
}

static void list_item(PyObject *list, Py_ssize_t index, bool write) {
  lift_touch(list, LIFT_ITEM, NULL, (uint64_t)index, write);
}

void lift_list_item(PyObject *list, PyObject *index, enum item_access how) {
  if (!lift_follows(list)) {
    return;
  }
  Py_ssize_t size = PyList_GET_SIZE(list), at = PyLong_CheckExact(index) ? PyLong_AsSsize_t(index) : -1;
  if (PyErr_Occurred() || !PyLong_CheckExact(index) || how == ITEM_DELETE) {
    PyErr_Clear();
    lift_whole(list, how != ITEM_READ);
    return;
  }
  at += at < 0 ? size : 0;
  if (at >= 0 && at < size) {
    list_item(list, at, how != ITEM_READ);
  } else {
    lift_length(list);
  }
}

void lift_length(PyObject *container) {
  if (lift_follows(container)) {
    lift_touch(container, LIFT_STRUCTURE, NULL, 0, false);
  }
}

struct member_visit {
  PyObject *set;
  bool write;
};

static int visit_member(PyObject *member, void *arg) {
  const struct member_visit *visit = arg;
  uint64_t number;
  if (number_of(member, &number)) {
    lift_touch(visit->set, LIFT_ITEM, member, number, visit->write);
  }
  return 0;
}

static void all_items(PyObject *container, bool write) {
  PyObject *key, *value;
  uint64_t number;
  Py_ssize_t at = 0;
  if (PyList_Check(container)) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(container); i++) {
      list_item(container, i, write);
    }
  } else if (PyDict_Check(container)) {
    while (PyDict_Next(container, &at, &key, &value)) {
      if (number_of(key, &number)) {
        lift_touch(container, LIFT_ITEM, key, number, write);
      }
    }
  } else {
    struct member_visit visit = {container, write};
    PySet_Type.tp_traverse(container, visit_member, &visit);
  }
}

void lift_whole(PyObject *container, bool write) {
  if (!lift_follows(container)) {
    return;
  }
  lift_touch(container, LIFT_STRUCTURE, NULL, 0, write);
  if (Py_TYPE(container) == access_types.deque || PyByteArray_Check(container)) {
    lift_touch(container, LIFT_CONTENT, NULL, 0, write);
  } else if (PyObject_Size(container) > MOST_ITEMS) {
    access_note("the items of a container of more than 1,024 as a whole");
  } else {
    all_items(container, write);
  }
}

void lift_content(PyObject *container, bool write) {
  if (lift_follows(container)) {
    lift_touch(container, LIFT_CONTENT, NULL, 0, write);
  }
}

static uint64_t iterations; /* that were begun, by any thread */

void lift_iteration_begins(void) { iterations++; }

void lift_iterating(PyObject *iterator, Py_ssize_t position) {
  uint64_t address = (uint64_t)(uintptr_t)iterator;
  struct lift_context context = {.iteration = position < 0 ? mix(address, iterations) : address,
                                 .iteration_begins = position == 0};
  lift_set_context(&context);
}

void lift_iterated(void) {
  struct lift_context none = {0};
  lift_set_context(&none);
}

void lift_list_step(PyObject *list, Py_ssize_t index) {
  if (lift_follows(list)) {
    lift_touch(list, LIFT_STRUCTURE, NULL, 0, false);
    if (index >= 0 && index < PyList_GET_SIZE(list)) {
      list_item(list, index, false);
    }
  }
}
