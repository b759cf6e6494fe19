/* A call that is observed: observe_calls.c finds what is called, observe_perform.c tells what that does. */
#ifndef FF_PYTHON_OBSERVE_CALL_H
#define FF_PYTHON_OBSERVE_CALL_H

#include "python/python.h"

#include "python/observe_access.h"
#include "python/observe_actions.h"

struct call {
  const char *name;
  PyObject *module; /* a str or NULL */
  PyObject *self;   /* NULL: none */
  PyObject *const *args;
  Py_ssize_t positional;
  Py_ssize_t all; /* with the values of keywords */
  PyObject *keyword_names;
};

void call_act(const struct call *call, enum action action);
void call_act_unknown(const struct call *call);
void call_each_arg(const struct call *call, void (*act)(PyObject *));
void call_read_whole(PyObject *object);

#endif
