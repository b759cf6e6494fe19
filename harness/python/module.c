#include "python/module.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "platform/quiet.h"
#include "platform/udp_sink.h"

/* The worker's one current run: reach() and choose() are called from Python and have nowhere else to look. */
static struct module_host current;

struct point {
  char *name;
  uint64_t count;
};

/* How often reach() was called with each name: no dict, for without a GIL a count in one loses some. */
static struct {
  struct quiet_lock lock;
  struct point *items;
  size_t count;
} points;

void module_set_host(const struct module_host *host) { current = *host; }

PyObject *module_bare(PyObject *function) {
  PyObject *bare = PyObject_HasAttrString(function, "__func__") ? PyObject_GetAttrString(function, "__func__") : NULL;
  if (!bare) {
    PyErr_Clear();
    Py_INCREF(function);
    bare = function;
  }
  return bare;
}

static PyObject *mark_function(PyObject *function, PyObject *marks) {
  PyObject *bare = module_bare(function);
  int failed = PyObject_SetAttrString(bare, MODULE_MARK, marks);
  Py_DECREF(bare);
  if (failed) {
    return NULL;
  }
  Py_INCREF(function);
  return function;
}

static PyObject *marks_of(const char *mark) { return Py_BuildValue("{s:s}", "mark", mark); }

/* The decorator that @actor(...) returns: its self is the dict of marks. */
static PyObject *decorate(PyObject *marks, PyObject *function) { return mark_function(function, marks); }

static PyMethodDef decorate_def = {"actor", decorate, METH_O, NULL};

static bool positive(PyObject *value, const char *name) {
  if (value == Py_None) {
    return true;
  }
  long number = PyLong_AsLong(value);
  if (number >= 1) {
    return true;
  }
  if (!PyErr_Occurred()) {
    PyErr_Format(PyExc_ValueError, "@actor(%s=%ld): %s must be at least 1", name, number, name);
  }
  return false;
}

static PyObject *module_actor(PyObject *self, PyObject *args, PyObject *kwargs) {
  static char *names[] = {"", "calls", "stress_calls", "many", NULL};
  (void)self;
  PyObject *function = NULL, *calls = Py_None, *stress_calls = Py_None;
  int many = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$OOp:actor", names, &function, &calls, &stress_calls, &many) ||
      !positive(calls, "calls") || !positive(stress_calls, "stress_calls")) {
    return NULL;
  }
  PyObject *marks = Py_BuildValue("{s:s, s:O, s:O, s:O}", "mark", "actor", "calls", calls, "stress_calls", stress_calls,
                                  "many", many ? Py_True : Py_False);
  if (!marks) {
    return NULL;
  }
  PyObject *result = function ? mark_function(function, marks) : PyCFunction_New(&decorate_def, marks);
  Py_DECREF(marks);
  return result;
}

static PyObject *mark_plain(PyObject *function, const char *mark) {
  PyObject *marks = marks_of(mark);
  PyObject *result = marks ? mark_function(function, marks) : NULL;
  Py_XDECREF(marks);
  return result;
}

static PyObject *module_invariant(PyObject *self, PyObject *function) {
  (void)self;
  return mark_plain(function, "invariant");
}

static PyObject *module_setup(PyObject *self, PyObject *function) {
  (void)self;
  return mark_plain(function, "setup");
}

static PyObject *module_control(PyObject *self, PyObject *function) {
  (void)self;
  return mark_plain(function, "control");
}

/* The point of that name, made where there is none. Under the lock. */
static struct point *find_point(const char *name, bool make) {
  for (size_t i = 0; i < points.count; i++) {
    if (strcmp(points.items[i].name, name) == 0) {
      return &points.items[i];
    }
  }
  if (!make) {
    return NULL;
  }
  points.items = mem_grow(points.items, (points.count + 1) * sizeof *points.items);
  struct point *point = &points.items[points.count++];
  *point = (struct point){.name = mem_dup(name)};
  return point;
}

static PyObject *module_reach(PyObject *self, PyObject *name) {
  (void)self;
  if (!PyUnicode_Check(name)) {
    PyErr_SetString(PyExc_TypeError, "reach(name): name must be a string");
    return NULL;
  }
  const char *text = PyUnicode_AsUTF8(name);
  if (!text) {
    return NULL;
  }
  quiet_enter(&points.lock);
  find_point(text, true)->count++;
  quiet_leave(&points.lock);
  Py_RETURN_NONE;
}

static PyObject *module_choose(PyObject *self, PyObject *bound) {
  (void)self;
  long n = PyLong_AsLong(bound);
  if (n < 1) {
    if (!PyErr_Occurred()) {
      PyErr_Format(PyExc_ValueError, "choose(%ld): the number of choices must be at least 1", n);
    }
    return NULL;
  }
  return PyLong_FromUnsignedLongLong(current.choose ? current.choose(current.arg, (uint64_t)n) : 0);
}

static PyObject *module_udp_sink(PyObject *self, PyObject *unused) {
  (void)self;
  (void)unused;
  struct err err = ERR_INIT;
  int port = udp_sink_port(&err);
  if (port < 0) {
    PyErr_SetString(PyExc_OSError, err.msg);
    return NULL;
  }
  return Py_BuildValue("si", "127.0.0.1", port);
}

static PyObject *module_engine(PyObject *self, PyObject *unused) {
  (void)self;
  (void)unused;
  return PyUnicode_FromString(current.engine ? current.engine : "");
}

uint64_t module_reached(const char *name) {
  quiet_enter(&points.lock);
  const struct point *point = find_point(name, false);
  uint64_t count = point ? point->count : 0;
  quiet_leave(&points.lock);
  return count;
}

void module_forget_reached(void) {
  quiet_enter(&points.lock);
  for (size_t i = 0; i < points.count; i++) {
    free(points.items[i].name);
  }
  points.count = 0;
  quiet_leave(&points.lock);
}

void module_reached_names(struct strlist *out) {
  quiet_enter(&points.lock);
  for (size_t i = 0; i < points.count; i++) {
    strlist_add(out, points.items[i].name);
  }
  quiet_leave(&points.lock);
}

#define KEYWORDS(function) ((PyCFunction)(void (*)(void))(function))

static PyMethodDef methods[] = {
    {"actor", KEYWORDS(module_actor), METH_VARARGS | METH_KEYWORDS,
     "Mark a method as an actor: a logical thread that calls it `calls` times (`stress_calls` under stress)."},
    {"invariant", module_invariant, METH_O, "Mark a method as an invariant, checked when all actors have ended."},
    {"setup", module_setup, METH_O, "Mark a static method as set-up, called once a worker."},
    {"control", module_control, METH_O, "Mark a method as preparing an object for the control run."},
    {"reach", module_reach, METH_O, "reach(name): count that control came here."},
    {"choose", module_choose, METH_O, "choose(n): an integer from 0 to n - 1 that the engine picks."},
    {"udp_sink", module_udp_sink, METH_NOARGS, "(host, port) of a UDP socket that the harness owns and drains."},
    {"engine", module_engine, METH_NOARGS, "What runs the scenario: 'stress', 'explore' or 'replay'."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "flashflood",
    .m_doc = "What a scenario needs of flashflood; see docs/scenarios.md.",
    .m_size = -1,
    .m_methods = methods,
};

PyObject *module_init(void) {
  PyObject *module = PyModule_Create(&definition);
#ifdef Py_GIL_DISABLED
  if (module) { /* else its import turns the GIL on */
    PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED);
  }
#endif
  return module;
}
