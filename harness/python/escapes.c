#include "python/python.h"

#include "python/escapes.h"

#include <string.h>

#include "platform/mem.h"
#include "python/embed.h"
#include "python/sched.h"

struct escape {
  const char *module;
  const char *type; /* a class of the module whose method it is, or NULL */
  const char *name;
  bool waits; /* for somebody or something; others only take their time */
  PyObject *original;
  uint64_t count;
};

static struct escape escapes[] = {
    {"select", NULL, "select", true, NULL, 0},
    {"socket", "socket", "recv", true, NULL, 0},
    {"socket", "socket", "recvfrom", true, NULL, 0},
    {"socket", "socket", "recv_into", true, NULL, 0},
    {"socket", "socket", "accept", true, NULL, 0},
    {"socket", "socket", "connect", true, NULL, 0},
    {"socket", "socket", "send", false, NULL, 0},
    {"socket", "socket", "sendall", false, NULL, 0},
    {"socket", "socket", "sendto", false, NULL, 0},
    {"socket", NULL, "getaddrinfo", false, NULL, 0},
    {"selectors", "BaseSelector", "select", true, NULL, 0},
    {"selectors", "SelectSelector", "select", true, NULL, 0},
    {"selectors", "PollSelector", "select", true, NULL, 0},
    {"selectors", "EpollSelector", "select", true, NULL, 0},
    {"subprocess", "Popen", "wait", true, NULL, 0},
    {"subprocess", "Popen", "communicate", true, NULL, 0},
    {"os", NULL, "wait", true, NULL, 0},
    {"os", NULL, "waitpid", true, NULL, 0},
    {"os", NULL, "read", true, NULL, 0},
    {"os", NULL, "fsync", false, NULL, 0},
    {"signal", NULL, "pause", true, NULL, 0},
    {"signal", NULL, "sigwait", true, NULL, 0},
    {"asyncio.base_events", "BaseEventLoop", "run_forever", true, NULL, 0},
    {"multiprocessing.connection", NULL, "wait", true, NULL, 0},
};
enum { ESCAPES = sizeof escapes / sizeof *escapes };

static PyObject *call_counted(PyObject *capsule, PyObject *args, PyObject *kwargs) {
  struct escape *escape = PyCapsule_GetPointer(capsule, "flashflood.escape");
  escape->count += sched_inside();
  return PyObject_Call(escape->original, args, kwargs);
}

static PyMethodDef counted_def = {"counted", (PyCFunction)(void (*)(void))call_counted, METH_VARARGS | METH_KEYWORDS,
                                  "Counts, and calls the function that it stands for."};

/* A method's stand-in has to be bound, which a built-in function is not. */
static PyObject *as_method(PyObject *function) {
  PyObject *module = PyImport_ImportModule("functools");
  PyObject *partial = module ? PyObject_GetAttrString(module, "partialmethod") : NULL;
  PyObject *method = partial ? PyObject_CallFunctionObjArgs(partial, function, NULL) : NULL;
  Py_XDECREF(partial);
  Py_XDECREF(module);
  return method;
}

static bool replace(struct escape *escape, PyObject *holder) {
  PyObject *capsule = PyCapsule_New(escape, "flashflood.escape", NULL);
  PyObject *function = capsule ? PyCFunction_New(&counted_def, capsule) : NULL;
  PyObject *stand_in = function;
  if (function && escape->type) {
    stand_in = as_method(function);
    Py_DECREF(function);
  }
  bool ok = stand_in && PyObject_SetAttrString(holder, escape->name, stand_in) == 0;
  Py_XDECREF(stand_in);
  Py_XDECREF(capsule);
  return ok;
}

static bool watch_one(struct escape *escape) {
  PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), escape->module); /* borrowed */
  if (!module || module == Py_None) {
    return true; /* nobody has imported it */
  }
  PyObject *holder = escape->type ? PyObject_GetAttrString(module, escape->type) : module;
  if (!escape->type) {
    Py_INCREF(holder);
  }
  bool ok = true;
  if (holder && PyObject_HasAttrString(holder, escape->name)) {
    escape->original = PyObject_GetAttrString(holder, escape->name);
    ok = escape->original && replace(escape, holder);
  }
  Py_XDECREF(holder);
  PyErr_Clear();
  return ok;
}

bool escapes_watch(struct err *err) {
  for (size_t i = 0; i < ESCAPES; i++) {
    if (!escapes[i].original && !watch_one(&escapes[i])) {
      return err_set(err, ERR_HARNESS, "cannot watch %s.%s", escapes[i].module, escapes[i].name);
    }
  }
  return true;
}

void escapes_forget(void) {
  for (size_t i = 0; i < ESCAPES; i++) {
    escapes[i].count = 0;
  }
}

void escapes_names(bool waits, struct strlist *out) {
  for (size_t i = 0; i < ESCAPES; i++) {
    const struct escape *escape = &escapes[i];
    if (escape->count && escape->waits == waits) {
      strlist_addf(out, "%s.%s%s%s x%llu", escape->module, escape->type ? escape->type : "", escape->type ? "." : "",
                   escape->name, (unsigned long long)escape->count);
    }
  }
}
