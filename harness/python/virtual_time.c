/* Time that passes only when the schedule lets it: each schedule begins at the same instant. */
#include "python/python.h"

#include <math.h>

#include "python/embed.h"
#include "python/sched.h"
#include "python/virtual.h"

#define NS 1000000000ULL
#define START_MONOTONIC_NS (1000 * NS) /* not 0: code may take 0 for "never" */

uint64_t virtual_deadline(double seconds) {
  double most = 1e9; /* some 30 years */
  return seconds >= most ? SCHED_NO_DEADLINE : sched_now() + (uint64_t)(ceil(seconds * 1e9));
}

static uint64_t read_clock(void) {
  sched_touch(SCHED_CELL_CLOCK, false);
  return sched_now();
}

static uint64_t wall(void) { return SCHED_EPOCH_NS * NS + read_clock(); }
static uint64_t steady(void) { return START_MONOTONIC_NS + read_clock(); }
static PyObject *in_seconds(uint64_t ns) { return PyFloat_FromDouble((double)ns / 1e9); }

static PyObject *time_time(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  return in_seconds(wall());
}

static PyObject *time_time_ns(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  return PyLong_FromUnsignedLongLong(wall());
}

static PyObject *time_steady(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  return in_seconds(steady());
}

static PyObject *time_steady_ns(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  return PyLong_FromUnsignedLongLong(steady());
}

static PyObject *time_sleep(PyObject *self, PyObject *argument) {
  (void)self;
  double seconds = PyFloat_AsDouble(argument);
  if (PyErr_Occurred()) {
    return NULL;
  }
  if (!(seconds >= 0)) {
    PyErr_SetString(PyExc_ValueError, "sleep length must be non-negative");
    return NULL;
  }
  if (sched_inside()) {
    sched_touch(SCHED_CELL_CLOCK, false);
    if (sched_wait("sleep", virtual_deadline(seconds)) == SCHED_UNWIND) {
      return NULL;
    }
  }
  Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"time", time_time, METH_NOARGS, "Virtual seconds since the epoch."},
    {"time_ns", time_time_ns, METH_NOARGS, "Virtual nanoseconds since the epoch."},
    {"monotonic", time_steady, METH_NOARGS, "Virtual seconds."},
    {"monotonic_ns", time_steady_ns, METH_NOARGS, "Virtual nanoseconds."},
    {"perf_counter", time_steady, METH_NOARGS, "Virtual seconds."},
    {"perf_counter_ns", time_steady_ns, METH_NOARGS, "Virtual nanoseconds."},
    {"sleep", time_sleep, METH_O, "Wait, in virtual time."},
};

bool virtual_time_install(struct err *err) {
  PyObject *module = PyImport_ImportModule("time");
  bool ok = module && virtual_replace(module, functions, sizeof functions / sizeof *functions);
  Py_XDECREF(module);
  return ok || embed_error(err, ERR_HARNESS, "cannot replace Python's clocks");
}
