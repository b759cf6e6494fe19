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

void garbage_collect(void) { PyGC_Collect(); }
