#include "python/python.h"

#include "python/virtual.h"

#include "python/embed.h"

static virtual_cell_of *cell_of_object;

void virtual_set_cells(virtual_cell_of *cell_of) { cell_of_object = cell_of; }

void virtual_touch(PyObject *object, bool write) {
  if (cell_of_object) {
    sched_touch(cell_of_object(object), write);
  }
}

enum sched_wake virtual_wait(const char *what, PyObject *object, uint64_t *waiters, uint64_t deadline) {
  uint64_t me = (uint64_t)1 << sched_current();
  *waiters |= me;
  enum sched_wake woken = sched_wait(what, deadline);
  *waiters &= ~me;
  virtual_touch(object, true);
  return woken;
}

void virtual_wake_up(uint64_t *waiters) {
  for (int i = 0; *waiters; i++, *waiters >>= 1) {
    if (*waiters & 1) {
      sched_wake_up(i);
    }
  }
}

bool virtual_replace(PyObject *module, PyMethodDef *functions, size_t count) {
  PyObject *name = PyModule_GetNameObject(module);
  bool ok = name != NULL;
  for (size_t i = 0; ok && i < count; i++) {
    PyObject *function = PyCFunction_NewEx(&functions[i], NULL, name);
    ok = function && PyObject_SetAttrString(module, functions[i].ml_name, function) == 0;
    Py_XDECREF(function);
  }
  Py_XDECREF(name);
  return ok;
}

/* queue then uses its own SimpleQueue, in Python, on a lock: C's waits where the scheduler cannot see it. */
static bool hide_queue(struct err *err) {
  PyObject *modules = PyImport_GetModuleDict(); /* borrowed */
  return (modules && PyDict_SetItemString(modules, "_queue", Py_None) == 0) ||
         embed_error(err, ERR_HARNESS, "cannot hide _queue");
}

/* A thread is a daemon if the one that starts it is, and threading takes actors, which it did not start, for daemons.
 * In the program that they stand for they are not. */
static bool actors_are_no_daemons(struct err *err) {
  PyObject *threading = PyImport_ImportModule("threading");
  PyObject *dummy = threading ? PyObject_GetAttrString(threading, "_DummyThread") : NULL;
  bool ok = dummy && PyObject_SetAttrString(dummy, "daemon", Py_False) == 0;
  Py_XDECREF(dummy);
  Py_XDECREF(threading);
  return ok || embed_error(err, ERR_HARNESS, "cannot prepare threading");
}

bool virtual_install(struct err *err) {
  PyObject *modules = PyImport_GetModuleDict(); /* borrowed */
  if (modules && PyDict_GetItemString(modules, "threading")) {
    return err_set(err, ERR_HARNESS, "threading was imported before its locks could be replaced");
  }
  PyObject *thread_module = PyImport_ImportModule("_thread");
  bool ok = thread_module || embed_error(err, ERR_HARNESS, "_thread");
  ok = ok && virtual_lock_install(thread_module, err) && virtual_thread_install(thread_module, err) &&
       virtual_time_install(err) && hide_queue(err) && actors_are_no_daemons(err);
  Py_XDECREF(thread_module);
  return ok;
}

void virtual_tidy(void) {
  virtual_thread_tidy();
  virtual_lock_tidy();
}
