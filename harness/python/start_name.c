#include "python/python.h"

#include <stdio.h>

#include "python/embed.h"
#include "python/start_name.h"

/* As embed_attribute(), but for what the object itself or its type has. */
static PyObject *own_attribute(PyObject *object, const char *name) {
  PyObject *text = object ? PyUnicode_FromString(name) : NULL;
  PyObject *value = text ? PyObject_GenericGetAttr(object, text) : NULL;
  Py_XDECREF(text);
  if (value == Py_None) {
    Py_CLEAR(value);
  }
  PyErr_Clear();
  return value;
}

void start_name(PyObject *function, char *name, size_t size, bool *daemon) {
  PyObject *thread = own_attribute(function, "__self__");
  PyObject *target = own_attribute(thread, "_target");
  PyObject *called = target ? target : thread ? NULL : function;
  called = called && PyMethod_Check(called) ? PyMethod_GET_FUNCTION(called) : called;
  PyObject *named = own_attribute(called, "__qualname__");
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
