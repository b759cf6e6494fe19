#include "python/python.h"

#include "python/embed.h"
#include "python/garbage.h"

/* A function of the module gc, called without arguments. PyGC_Collect() will not do: it does nothing where automatic
 * collection is off. */
static PyObject *call_gc(const char *name) {
  static PyObject *module;
  if (!module) {
    module = PyImport_ImportModule("gc");
  }
  return module ? PyObject_CallMethod(module, name, NULL) : NULL;
}

bool garbage_settle(struct err *err) {
  garbage_collect();
  PyObject *done = call_gc("freeze");
  Py_XDECREF(done);
  return done != NULL || embed_error(err, ERR_HARNESS, "cannot freeze what is loaded");
}

void garbage_disable(void) {
  Py_XDECREF(call_gc("disable"));
  PyErr_Clear();
}

enum { ENOUGH = 20000 /* container objects, those that are gone again not counted */, LOOK_EVERY = 16 /* schedules */ };

void garbage_collect_some(void) {
  static unsigned schedules;
  if (++schedules % LOOK_EVERY != 0) {
    return;
  }
  PyObject *counts = call_gc("get_count");
  if (counts && PyLong_AsLong(PyTuple_GET_ITEM(counts, 0)) > ENOUGH) {
    garbage_collect();
  }
  Py_XDECREF(counts);
  PyErr_Clear();
}

void garbage_collect(void) {
  Py_XDECREF(call_gc("collect"));
  PyErr_Clear();
}
