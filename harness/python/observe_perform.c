#include "python/python.h"

#include "python/observe_call.h"

#include <stdio.h>
#include <string.h>

#include "python/lift_access.h"

void call_each_arg(const struct call *call, void (*act)(PyObject *)) {
  for (Py_ssize_t i = 0; i < call->all; i++) {
    act(call->args[i]);
  }
}

void call_read_whole(PyObject *object) {
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
  bool lifts = lift_here;
  if (lifts && PyDict_Check(call->self) && strcmp(call->name, "setdefault") == 0) {
    lift_default(call->self, call->args[0]);
    lift_here = false;
  }
  access_item(call->self, call->args[0], how);
  lift_here = lifts;
  if (how == ITEM_SET) {
    call_each_arg(call, access_publish);
    access_await_result(NULL);
  }
}

static void act_update(const struct call *call) {
  for (Py_ssize_t i = 0; i < call->positional; i++) {
    PyObject *other = call->args[i], *key, *value;
    if (PyDict_Check(other)) {
      call_read_whole(other);
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
  call_each_arg(call, write_whole);
  call_each_arg(call, access_publish);
  access_await_result(NULL);
}

void call_act_unknown(const struct call *call) {
  const char *owner = call->self && !PyModule_Check(call->self) ? Py_TYPE(call->self)->tp_name : NULL;
  char name[160];
  snprintf(name, sizeof name, "%s%s%s", owner ? owner : "", owner ? "." : "", call->name);
  access_unknown(name);
  call_each_arg(call, access_publish);
  access_await_result(NULL);
}

static void act_on_args(const struct call *call, enum action action) {
  PyObject *first = call->all > 0 ? call->args[0] : NULL;
  PyObject *second = call->all > 1 ? call->args[1] : NULL;
  if (action == ACT_PUBLISH) {
    call_each_arg(call, access_publish);
  } else if (action == ACT_ARGS_WHOLE) {
    call_each_arg(call, call_read_whole);
  } else if (action == ACT_ARGS_DEEP) {
    call_each_arg(call, access_deep);
  } else if (action == ACT_ARGS_WRITE) {
    call_each_arg(call, write_whole);
    call_each_arg(call, access_publish);
  } else if (!first) {
    if (action != ACT_PURE) {
      call_act_unknown(call);
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

/* Lists, sets and deques are lifted by method, finer than as wholes. */
static void self_whole(const struct call *call, bool write) {
  bool lifts = lift_here;
  lift_here = lifts && !lift_method(call->self, call->name, call->args, call->positional);
  access_whole(call->self, write);
  lift_here = lifts;
}

static void act_on_self(const struct call *call, enum action action) {
  if (action == ACT_SELF_LENGTH) {
    access_length(call->self);
  } else if (action == ACT_SELF_READ) {
    self_whole(call, false);
    call_each_arg(call, call_read_whole);
  } else if (action == ACT_SELF_DEEP) {
    access_deep(call->self);
    call_each_arg(call, access_deep);
  } else if (action == ACT_SELF_WRITE) {
    self_whole(call, true);
    call_each_arg(call, call_read_whole);
    call_each_arg(call, access_publish);
  } else if (action == ACT_ITEM_READ || action == ACT_ITEM_SET || action == ACT_ITEM_DELETE) {
    act_item(call, action == ACT_ITEM_READ ? ITEM_READ : action == ACT_ITEM_SET ? ITEM_SET : ITEM_DELETE);
  } else if (action == ACT_UPDATE) {
    act_update(call);
  } else if (action == ACT_SELF_ATTR || action == ACT_SELF_GET_ATTR) {
    act_attr(call->self, call->positional ? call->args[0] : NULL, action == ACT_SELF_ATTR,
             call->positional > 1 ? call->args[1] : NULL);
  }
}

void call_act(const struct call *call, enum action action) {
  if (action == ACT_UNKNOWN) {
    call_act_unknown(call);
  } else if (action == ACT_MODULE) {
    act_module(call);
  } else if (action >= ACT_SELF_LENGTH && action <= ACT_SELF_GET_ATTR) {
    if (call->self) {
      act_on_self(call, action);
    } else {
      call_act_unknown(call);
    }
  } else {
    act_on_args(call, action);
  }
}
