#include "python/python.h"

#include <stdio.h>

#include "python/embed.h"
#include "python/start_name.h"

void start_name(PyObject *function, char *name, size_t size, bool *daemon) {
  PyObject *thread = embed_own_attribute(function, "__self__");
  PyObject *target = embed_own_attribute(thread, "_target");
  PyObject *called = target ? target : thread ? NULL : function;
  called = called && PyMethod_Check(called) ? PyMethod_GET_FUNCTION(called) : called;
  PyObject *named = embed_own_attribute(called, "__qualname__");
  const char *text = named && PyUnicode_Check(named) ? PyUnicode_AsUTF8(named) : NULL;
  snprintf(name, size, "%s", text ? text : thread ? Py_TYPE(thread)->tp_name : "thread");
  if (daemon) {
    PyObject *marked = embed_attribute(thread, "daemon");
    *daemon = !thread || marked == Py_True;
    Py_XDECREF(marked);
  }
  Py_XDECREF(named);
  Py_XDECREF(target);
  Py_XDECREF(thread);
  PyErr_Clear();
}
