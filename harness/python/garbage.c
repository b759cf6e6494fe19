#include "python/python.h"

#include "python/embed.h"
#include "python/garbage.h"

bool garbage_settle(struct err *err) {
  garbage_collect();
  PyObject *module = PyImport_ImportModule("gc");
  PyObject *done = module ? PyObject_CallMethod(module, "freeze", NULL) : NULL;
  bool ok = done != NULL || embed_error(err, ERR_HARNESS, "cannot freeze what is loaded");
  Py_XDECREF(done);
  Py_XDECREF(module);
  return ok;
}

void garbage_disable(void) {
  PyObject *module = PyImport_ImportModule("gc");
  PyObject *done = module ? PyObject_CallMethod(module, "disable", NULL) : NULL;
  Py_XDECREF(done);
  Py_XDECREF(module);
  PyErr_Clear();
}

enum { ENOUGH = 20000 /* container objects, those that are gone again not counted */ };

void garbage_collect_some(void) {
  static PyObject *get_count; /* gc.get_count */
  if (!get_count) {
    PyObject *module = PyImport_ImportModule("gc");
    get_count = module ? PyObject_GetAttrString(module, "get_count") : NULL;
    Py_XDECREF(module);
  }
  PyObject *counts = get_count ? PyObject_CallNoArgs(get_count) : NULL;
  if (counts && PyLong_AsLong(PyTuple_GET_ITEM(counts, 0)) > ENOUGH) {
    garbage_collect();
  }
  Py_XDECREF(counts);
  PyErr_Clear();
}

void garbage_collect(void) { PyGC_Collect(); }
