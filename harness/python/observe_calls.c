#include "python/python.h"

#include "python/observe_access.h"

#include <stdio.h>
#include <string.h>

#include "python/observe_actions.h"

/* ---- carrying it out ---- */

struct call {
  const char *name;
  PyObject *module; /* a str or NULL */
  PyObject *self;   /* NULL: none */
  PyObject *const *args;
  Py_ssize_t positional;
  Py_ssize_t all; /* with the values of keywords */
  PyObject *keyword_names;
};

static void each_arg(const struct call *call, void (*act)(PyObject *)) {
  for (Py_ssize_t i = 0; i < call->all; i++) {
    act(call->args[i]);
  }
}

static void read_whole(PyObject *object) {
  if (PyIter_Check(object)) {
    access_drain(object);
  } else {
    access_whole(object, false);
  }
}

static void write_whole(PyObject *object) {
  if (PyIter_Check(object)) {
    access_drain(object);
  } else if (!PyType_Check(object) && !PyModule_Check(object) && !PyFunction_Check(object)) {
    if (PyDict_Check(object) && access_number(object)) {
      access_unknown("a C function that may add keys to a dict");
    }
    access_whole(object, true);
  }
}

static void act_attr(PyObject *object, PyObject *name, bool write, PyObject *value) {
  if (object && name) {
    access_attr(object, name, write);
    if (value) {
      access_publish(value);
    }
  }
}

static void act_item(const struct call *call, enum item_access how) {
  if (!call->self || !call->positional) {
    access_unknown(call->name);
    return;
  }
  access_item(call->self, call->args[0], how);
  if (how == ITEM_SET) {
    each_arg(call, access_publish);
    access_await_result(NULL);
  }
}

static void act_update(const struct call *call) {
  for (Py_ssize_t i = 0; i < call->positional; i++) {
    PyObject *other = call->args[i], *key, *value;
    if (PyDict_Check(other)) {
      read_whole(other);
      for (Py_ssize_t at = 0; PyDict_Next(other, &at, &key, &value);) {
        access_item(call->self, key, ITEM_SET);
        access_publish(value);
      }
    } else if (i > 0 || !PyType_IsSubtype(Py_TYPE(call->self), &PyDict_Type) || other != Py_None) {
      bool factory = PyCallable_Check(other) && !strcmp(Py_TYPE(call->self)->tp_name, "collections.defaultdict");
      if (!factory) {
        access_unknown("dict.update of what is no dict");
      }
    }
  }
  for (Py_ssize_t i = call->positional; i < call->all; i++) {
    access_item(call->self, PyTuple_GET_ITEM(call->keyword_names, i - call->positional), ITEM_SET);
    access_publish(call->args[i]);
  }
}

static void act_module(const struct call *call) {
  const char *module = call->module ? PyUnicode_AsUTF8(call->module) : NULL;
  char name[160];
  snprintf(name, sizeof name, "%s.%s", module ? module : "?", call->name);
  access_note(name);
  access_module(module ? module : "?");
  each_arg(call, write_whole);
  each_arg(call, access_publish);
  access_await_result(NULL);
}

static void act_unknown(const struct call *call) {
  const char *owner = call->self && !PyModule_Check(call->self) ? Py_TYPE(call->self)->tp_name : NULL;
  char name[160];
  snprintf(name, sizeof name, "%s%s%s", owner ? owner : "", owner ? "." : "", call->name);
  access_unknown(name);
  each_arg(call, access_publish);
  access_await_result(NULL);
}

static void act_on_args(const struct call *call, enum action action) {
  PyObject *first = call->all > 0 ? call->args[0] : NULL;
  PyObject *second = call->all > 1 ? call->args[1] : NULL;
  if (action == ACT_PUBLISH) {
    each_arg(call, access_publish);
  } else if (action == ACT_ARGS_WHOLE) {
    each_arg(call, read_whole);
  } else if (action == ACT_ARGS_DEEP) {
    each_arg(call, access_deep);
  } else if (action == ACT_ARGS_WRITE) {
    each_arg(call, write_whole);
    each_arg(call, access_publish);
  } else if (!first) {
    if (action != ACT_PURE) {
      act_unknown(call);
    }
  } else if (action == ACT_LENGTH) {
    access_length(first);
  } else if (action == ACT_ITERATOR) {
    access_new_iterator(first);
  } else if (action == ACT_NEXT) {
    access_next(first);
  } else if (action == ACT_GET_ATTR || action == ACT_SET_ATTR) {
    act_attr(first, second, action == ACT_SET_ATTR, call->all > 2 ? call->args[2] : NULL);
  } else if (action == ACT_VARS) {
    access_unknown("vars");
    access_await_result(first);
  }
}

static void act_on_self(const struct call *call, enum action action) {
  if (action == ACT_SELF_LENGTH) {
    access_length(call->self);
  } else if (action == ACT_SELF_READ) {
    access_whole(call->self, false);
    each_arg(call, read_whole);
  } else if (action == ACT_SELF_DEEP) {
    access_deep(call->self);
    each_arg(call, access_deep);
  } else if (action == ACT_SELF_WRITE) {
    access_whole(call->self, true);
    each_arg(call, read_whole);
    each_arg(call, access_publish);
  } else if (action == ACT_ITEM_READ || action == ACT_ITEM_SET || action == ACT_ITEM_DELETE) {
    act_item(call, action == ACT_ITEM_READ ? ITEM_READ : action == ACT_ITEM_SET ? ITEM_SET : ITEM_DELETE);
  } else if (action == ACT_UPDATE) {
    act_update(call);
  } else if (action == ACT_SELF_ATTR || action == ACT_SELF_GET_ATTR) {
    act_attr(call->self, call->positional ? call->args[0] : NULL, action == ACT_SELF_ATTR,
             call->positional > 1 ? call->args[1] : NULL);
  }
}

static void act(const struct call *call, enum action action) {
  if (action == ACT_UNKNOWN) {
    act_unknown(call);
  } else if (action == ACT_MODULE) {
    act_module(call);
  } else if (action >= ACT_SELF_LENGTH && action <= ACT_SELF_GET_ATTR) {
    if (call->self) {
      act_on_self(call, action);
    } else {
      act_unknown(call);
    }
  } else {
    act_on_args(call, action);
  }
}

/* ---- what is called ---- */

static void call_c_function(const PyCFunctionObject *function, struct call *call) {
  PyObject *self = function->m_self;
  call->name = function->m_ml->ml_name;
  call->module = function->m_module;
  if (!self || PyModule_Check(self)) {
    act(call, action_of_function(function));
  } else if (PyType_Check(self)) { /* dict.fromkeys, object.__new__ */
    act(call, !strcmp(call->name, "__new__") || !strcmp(call->name, "__prepare__") ? ACT_PURE : ACT_ARGS_WHOLE);
  } else {
    call->self = self;
    act(call, action_of_bound(function->m_ml, Py_TYPE(self)));
  }
}

static void take_self(struct call *call) {
  if (call->positional) {
    call->self = call->args[0];
    call->args++;
    call->positional--;
    call->all--;
  }
}

static void call_descriptor(PyObject *callable, struct call *call) {
  const PyDescrObject *descriptor = (const PyDescrObject *)callable;
  const void *definition;
  if (Py_TYPE(callable) == &PyMethodDescr_Type) {
    definition = ((PyMethodDescrObject *)callable)->d_method;
    call->name = ((PyMethodDescrObject *)callable)->d_method->ml_name;
  } else {
    definition = ((PyWrapperDescrObject *)callable)->d_base;
    call->name = ((PyWrapperDescrObject *)callable)->d_base->name;
  }
  take_self(call);
  if (call->self) {
    act(call, action_of_method(definition, descriptor->d_type, call->name));
  }
}

/* A bound slot wrapper, as super().__init__ gives: {descriptor, self}, declared in no header. */
struct method_wrapper {
  PyObject_HEAD;
  PyWrapperDescrObject *descriptor;
  PyObject *self;
};

static void call_method_wrapper(PyObject *callable, struct call *call) {
  const struct method_wrapper *wrapper = (const struct method_wrapper *)callable;
  call->self = wrapper->self;
  call->name = wrapper->descriptor->d_base->name;
  act(call, action_of_method(wrapper->descriptor->d_base, PyDescr_TYPE(wrapper->descriptor), call->name));
}

static bool is_container_type(PyTypeObject *type) {
  return PyType_IsSubtype(type, &PyDict_Type) || PyType_IsSubtype(type, &PyList_Type) ||
         PyType_IsSubtype(type, &PySet_Type) || PyType_IsSubtype(type, &PyTuple_Type) ||
         PyType_IsSubtype(type, &PyFrozenSet_Type);
}

static void call_type(PyTypeObject *type, struct call *call) {
  call->name = type->tp_name;
  bool python = type->tp_flags & Py_TPFLAGS_HEAPTYPE && type->tp_dictoffset;
  if (type == &PyType_Type || (python && !is_container_type(type))) {
    act(call, ACT_PURE);
  } else if (type == &PyReversed_Type) { /* takes the length */
    each_arg(call, read_whole);
  } else if (type->tp_iternext &&
             !is_container_type(type)) { /* zip, map, enumerate: makes iterators of its arguments */
    each_arg(call, access_new_iterator);
  } else {
    bool text = type == &PyUnicode_Type || type == &PyBytes_Type;
    act(call, text ? ACT_ARGS_DEEP : ACT_ARGS_WHOLE);
  }
}

#define MOST_BOUND 32

/* functools.partial: what it calls, with its arguments before the call's own. */
static void call_partial(PyObject *callable, struct call *call) {
  PyObject *function = PyObject_GetAttrString(callable, "func"); /* members of the C type: nothing of Python runs */
  PyObject *bound = PyObject_GetAttrString(callable, "args");
  PyObject *keywords = PyObject_GetAttrString(callable, "keywords");
  PyObject *args[MOST_BOUND];
  Py_ssize_t count = 0;
  if (function && bound && keywords && PyTuple_CheckExact(bound) && PyDict_CheckExact(keywords) &&
      !PyDict_GET_SIZE(keywords) && PyTuple_GET_SIZE(bound) + call->all <= MOST_BOUND) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bound); i++) {
      args[count++] = PyTuple_GET_ITEM(bound, i);
    }
    for (Py_ssize_t i = 0; i < call->all; i++) {
      args[count + i] = call->args[i];
    }
    access_call(function, args, count + call->positional, call->keyword_names);
  } else if (!function || (!PyFunction_Check(function) && !PyMethod_Check(function))) {
    call->name = "functools.partial";
    act_unknown(call);
  }
  Py_XDECREF(function);
  Py_XDECREF(bound);
  Py_XDECREF(keywords);
  PyErr_Clear();
}

static void call_other(PyObject *callable, struct call *call) {
  const char *type = Py_TYPE(callable)->tp_name;
  if (!strcmp(type, "functools.partial")) {
    call_partial(callable, call);
  } else if (!access_is_python(callable, SPECIAL_CALL) && !action_tells_itself(Py_TYPE(callable))) {
    call->name = type;
    act_unknown(call);
  }
}

static void dispatch(PyObject *callable, struct call *call) {
  const PyTypeObject *type = Py_TYPE(callable);
  if (type == &PyFunction_Type) {
    return; /* its own instructions are observed */
  }
  if (type == &PyMethod_Type) {
    PyObject *function = PyMethod_GET_FUNCTION(callable);
    if (!PyFunction_Check(function) && !access_is_python(function, SPECIAL_CALL)) {
      call->name = Py_TYPE(function)->tp_name;
      act_unknown(call);
    }
  } else if (PyCFunction_Check(callable)) {
    call_c_function((PyCFunctionObject *)callable, call);
  } else if (type == &PyMethodDescr_Type || type == &PyWrapperDescr_Type) {
    call_descriptor(callable, call);
  } else if (!strcmp(type->tp_name, "method-wrapper")) {
    call_method_wrapper(callable, call);
  } else if (PyType_Check(callable)) {
    call_type((PyTypeObject *)callable, call);
  } else {
    call_other(callable, call);
  }
}

void access_call(PyObject *callable, PyObject *const *args, Py_ssize_t positional, PyObject *keyword_names) {
  Py_ssize_t keywords = keyword_names && PyTuple_Check(keyword_names) ? PyTuple_GET_SIZE(keyword_names) : 0;
  struct call call = {.name = "?",
                      .args = args,
                      .positional = positional,
                      .all = positional + keywords,
                      .keyword_names = keyword_names};
  dispatch(callable, &call);
}

void access_call_dict(PyObject *callable, PyObject *args, PyObject *keywords) {
  access_drain(args);
  if (keywords) {
    access_whole(keywords, false);
  }
  if (PyFunction_Check(callable)) {
    return;
  }
  if (!PyTuple_CheckExact(args) || (keywords && (!PyDict_CheckExact(keywords) || PyDict_GET_SIZE(keywords)))) {
    bool python = PyMethod_Check(callable) || PyType_Check(callable) || access_is_python(callable, SPECIAL_CALL);
    if (!python) {
      access_unknown("a C function called with spread arguments");
      access_publish(args);
      if (keywords) {
        access_publish(keywords);
      }
      access_await_result(NULL);
    }
    return;
  }
  access_call(callable, ((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args), NULL);
}

void access_enter(PyObject *manager) {
  if (!access_is_python(manager, SPECIAL_ENTER) && !action_tells_itself(Py_TYPE(manager))) {
    access_content(manager, true);
  }
}
