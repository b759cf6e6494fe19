#include "python/python.h"

#include "python/lift_names.h"

#include <stdlib.h>
#include <string.h>
#include <structmember.h>

#include "platform/mem.h"
#include "python/frame_peek.h"

#if PY_VERSION_HEX >= 0x030B0000

/* ---- attributes ----------------------------------------------------------------------------------------------------
 */

static const char *text_of(PyObject *object) {
  const char *text = object && PyUnicode_Check(object) ? PyUnicode_AsUTF8(object) : NULL;
  return text ? text : "?";
}

static const char *type_name(PyTypeObject *type) {
  return type->tp_flags & Py_TPFLAGS_HEAPTYPE ? text_of(((PyHeapTypeObject *)type)->ht_qualname) : type->tp_name;
}

/* "_MetricsBuffer__timers" is "MetricsBuffer.__timers", whichever class the object is of. */
static char *attribute_name(PyTypeObject *type, const char *attribute) {
  const char *mangled = attribute[0] == '_' && attribute[1] != '_' ? strstr(attribute + 1, "__") : NULL;
  if (mangled) {
    return mem_printf("%.*s.%s", (int)(mangled - attribute - 1), attribute + 1, mangled);
  }
  return mem_printf("%s.%s", type_name(type), attribute);
}

static PyObject *get_referrers; /* gc's */

void lift_names_open(void) {
  PyObject *gc = PyImport_ImportModule("gc");
  get_referrers = gc ? PyObject_GetAttrString(gc, "get_referrers") : NULL;
  Py_XDECREF(gc);
  PyErr_Clear();
}

/* ---- who holds a container -----------------------------------------------------------------------------------------
 */

/* How good a name is: the first kinds win. */
enum rank { OF_INSTANCE, OF_CLASS, OF_MODULE, OF_NOBODY };

struct best {
  char *name;
  enum rank rank;
};

/* Among equals the first in the alphabet: the order of referrers is chance. */
static void offer(struct best *best, enum rank rank, char *name) {
  bool better = !best->name || rank < best->rank || (rank == best->rank && strcmp(name, best->name) < 0);
  if (better) {
    free(best->name);
    best->name = name;
    best->rank = rank;
  } else {
    free(name);
  }
}

/* The key of that value in a dict; borrowed, NULL: none that is a str. */
static PyObject *key_of(PyObject *dict, PyObject *value) {
  PyObject *key, *found;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &found);) {
    if (found == value && PyUnicode_Check(key)) {
      return key;
    }
  }
  return NULL;
}

static PyObject *referrers_of(PyObject *object) {
  PyObject *list = get_referrers ? PyObject_CallOneArg(get_referrers, object) : NULL;
  PyErr_Clear();
  return list && PyList_Check(list) ? list : PyList_New(0);
}

static char *module_attribute(PyObject *dict, PyObject *key) {
  PyObject *module = PyDict_GetItemString(dict, "__name__"); /* borrowed */
  return module && PyUnicode_Check(module) ? mem_printf("%s.%s", text_of(module), text_of(key)) : NULL;
}

static bool is_python_instance(PyObject *object) {
  return Py_TYPE(object)->tp_flags & Py_TPFLAGS_HEAPTYPE && !PyType_Check(object) && !PyModule_Check(object);
}

/* The attribute of an instance that is that value, in its dict or in a slot. */
static void offer_instance(struct best *best, PyObject *owner, PyObject *value) {
  PyObject *dict = Py_TYPE(owner)->tp_dictoffset ? PyObject_GenericGetDict(owner, NULL) : NULL;
  PyObject *key = dict && PyDict_Check(dict) ? key_of(dict, value) : NULL;
  PyErr_Clear();
  if (key) {
    offer(best, OF_INSTANCE, attribute_name(Py_TYPE(owner), text_of(key)));
  }
  Py_XDECREF(dict);
  PyObject *mro = Py_TYPE(owner)->tp_mro, *name, *found;
  for (Py_ssize_t i = 0; !key && mro && i < PyTuple_GET_SIZE(mro); i++) {
    PyObject *members = ((PyTypeObject *)PyTuple_GET_ITEM(mro, i))->tp_dict;
    for (Py_ssize_t at = 0; members && PyDict_Next(members, &at, &name, &found);) {
      PyObject *slot = Py_TYPE(found) == &PyMemberDescr_Type
                           ? PyMember_GetOne((char *)owner, ((PyMemberDescrObject *)found)->d_member)
                           : NULL;
      if (slot == value) {
        offer(best, OF_INSTANCE, attribute_name(Py_TYPE(owner), text_of(name)));
      }
      Py_XDECREF(slot);
      PyErr_Clear();
    }
  }
}

/* Of a dict that holds the value: the module or the instance whose dict that is. */
static void offer_dict(struct best *best, PyObject *dict, PyObject *value) {
  PyObject *key = key_of(dict, value);
  char *of_module = key ? module_attribute(dict, key) : NULL;
  if (!key || of_module) {
    if (of_module) {
      offer(best, OF_MODULE, of_module);
    }
    return;
  }
  PyObject *owners = referrers_of(dict);
  for (Py_ssize_t i = 0; owners && i < PyList_GET_SIZE(owners); i++) {
    PyObject *owner = PyList_GET_ITEM(owners, i);
    PyObject **place = is_python_instance(owner) ? _PyObject_GetDictPtr(owner) : NULL;
    if (PyType_Check(owner) && ((PyTypeObject *)owner)->tp_dict == dict) {
      offer(best, OF_CLASS, attribute_name((PyTypeObject *)owner, text_of(key)));
    } else if (place && *place == dict) {
      offer(best, OF_INSTANCE, attribute_name(Py_TYPE(owner), text_of(key)));
    }
  }
  Py_XDECREF(owners);
}

/* "drain.pending", where only a local variable of the frame that runs has it, or one of the function around it. */
static char *local_name(PyObject *object, bool cell) {
  struct frame_view view;
  struct _PyInterpreterFrame *frame = frame_current();
  if (!frame) {
    return NULL;
  }
  frame_peek(frame, &view);
  PyCodeObject *code = (PyCodeObject *)frame_code(frame);
  for (int i = 0; i < code->co_nlocalsplus; i++) {
    PyObject *value = view.locals[i];
    bool in_cell = value && PyCell_Check(value) && PyCell_GET(value) == object;
    if (value == object || (!cell && in_cell)) {
      const char *name = text_of(PyTuple_GET_ITEM(code->co_localsplusnames, i));
      const char *function = text_of(code->co_qualname), *outer = NULL, *at = function;
      while ((at = strstr(at, ".<locals>.")) != NULL) {
        outer = at++;
      }
      bool free_variable = i >= code->co_nlocalsplus - code->co_nfreevars;
      size_t length = free_variable && outer ? (size_t)(outer - function) : strlen(function);
      return mem_printf("%.*s.%s", (int)length, function, name);
    }
  }
  return NULL;
}

static void offer_class(struct best *best, PyTypeObject *type, PyObject *value) {
  PyObject *key = type->tp_dict ? key_of(type->tp_dict, value) : NULL;
  if (key) {
    offer(best, OF_CLASS, attribute_name(type, text_of(key)));
  }
}

/* What was loaded before the first schedule is frozen, and no referrer is found there. */
static void search_modules(struct best *best, PyObject *object) {
  PyObject *name, *module, *key, *value;
  for (Py_ssize_t at = 0; PyDict_Next(PyImport_GetModuleDict(), &at, &name, &module);) {
    if (!PyModule_Check(module)) {
      continue;
    }
    PyObject *dict = PyModule_GetDict(module);
    for (Py_ssize_t i = 0; PyDict_Next(dict, &i, &key, &value);) {
      if (value == object && PyUnicode_Check(key)) {
        offer(best, OF_MODULE, mem_printf("%s.%s", text_of(name), text_of(key)));
      } else if (PyType_Check(value)) {
        offer_class(best, (PyTypeObject *)value, object);
      } else if (is_python_instance(value)) {
        offer_instance(best, value, object);
      }
    }
  }
}

static char *container_of(PyObject *object) {
  struct best best = {.rank = OF_NOBODY};
  PyObject *referrers = referrers_of(object);
  for (Py_ssize_t i = 0; referrers && i < PyList_GET_SIZE(referrers); i++) {
    PyObject *owner = PyList_GET_ITEM(referrers, i);
    if (PyDict_CheckExact(owner)) {
      offer_dict(&best, owner, object);
    } else if (is_python_instance(owner)) {
      offer_instance(&best, owner, object);
    }
  }
  Py_XDECREF(referrers);
  if (!best.name) {
    search_modules(&best, object);
  }
  if (!best.name) {
    best.name = local_name(object, false);
  }
  return best.name ? best.name : mem_printf("a %s", Py_TYPE(object)->tp_name);
}

char *lift_container_name(const struct lift_cell *cell) {
  int enabled = PyGC_Disable(); /* a collection would run code */
  char *name = NULL;
  if (cell->part == LIFT_ATTRIBUTE) {
    PyTypeObject *type = PyType_Check(cell->object) ? (PyTypeObject *)cell->object : Py_TYPE(cell->object);
    name = attribute_name(type, text_of(cell->key));
  } else if (PyCell_Check(cell->object)) {
    name = local_name(cell->object, true);
    name = name ? name : mem_dup("a closure's variable");
  } else if (cell->part == LIFT_ITEM && PyDict_Check(cell->object) && PyUnicode_Check(cell->key)) {
    name = module_attribute(cell->object, cell->key);
  }
  name = name ? name : container_of(cell->object);
  if (enabled) {
    PyGC_Enable();
  }
  return name;
}

/* ---- keys ----------------------------------------------------------------------------------------------------------
 */

static bool is_plain(PyObject *key) {
  if (PyTuple_CheckExact(key)) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); i++) {
      if (!is_plain(PyTuple_GET_ITEM(key, i))) {
        return false;
      }
    }
    return true;
  }
  return PyUnicode_CheckExact(key) || PyLong_CheckExact(key) || PyFloat_CheckExact(key) || PyBytes_CheckExact(key) ||
         PyBool_Check(key) || key == Py_None;
}

char *lift_key_name(const struct lift_cell *cell) {
  if (cell->part != LIFT_ITEM) {
    return NULL;
  }
  if (!cell->key) {
    return mem_printf("%llu", (unsigned long long)cell->number);
  }
  char *of_module =
      PyDict_Check(cell->object) && PyUnicode_Check(cell->key) ? module_attribute(cell->object, cell->key) : NULL;
  if (of_module) {
    free(of_module);
    return NULL;
  }
  PyObject *text = is_plain(cell->key) ? PyObject_Repr(cell->key) : NULL;
  char *name = text ? mem_dup(text_of(text)) : mem_printf("a %s", Py_TYPE(cell->key)->tp_name);
  Py_XDECREF(text);
  PyErr_Clear();
  return name;
}

#else /* nothing is lifted there (frame_peek.h) */

void lift_names_open(void) {}

char *lift_container_name(const struct lift_cell *cell) { return mem_dup(Py_TYPE(cell->object)->tp_name); }

char *lift_key_name(const struct lift_cell *cell) {
  (void)cell;
  return NULL;
}

#endif
