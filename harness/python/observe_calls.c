#include "python/python.h"

#include <string.h>

#include "python/observe_call.h"

static void call_c_function(const PyCFunctionObject *function, struct call *call) {
  PyObject *self = function->m_self;
  call->name = function->m_ml->ml_name;
  call->module = function->m_module;
  if (!self || PyModule_Check(self)) {
    call_act(call, action_of_function(function));
  } else if (PyType_Check(self)) { /* dict.fromkeys, object.__new__ */
    call_act(call, !strcmp(call->name, "__new__") || !strcmp(call->name, "__prepare__") ? ACT_PURE : ACT_ARGS_WHOLE);
  } else {
    call->self = self;
    call_act(call, action_of_bound(function->m_ml, Py_TYPE(self)));
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
    call_act(call, action_of_method(definition, descriptor->d_type, call->name));
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
  call_act(call, action_of_method(wrapper->descriptor->d_base, PyDescr_TYPE(wrapper->descriptor), call->name));
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
    call_act(call, ACT_PURE);
  } else if (type == &PyReversed_Type) { /* takes the length */
    call_each_arg(call, call_read_whole);
  } else if (type->tp_iternext &&
             !is_container_type(type)) { /* zip, map, enumerate: makes iterators of its arguments */
    call_each_arg(call, access_new_iterator);
  } else {
    bool text = type == &PyUnicode_Type || type == &PyBytes_Type;
    call_act(call, text ? ACT_ARGS_DEEP : ACT_ARGS_WHOLE);
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
    call_act_unknown(call);
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
    call_act_unknown(call);
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
      call_act_unknown(call);
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
