/* Starting, naming and joining threads: `_thread` as threading.py of 3.9 to 3.13 uses it. */
#include "python/python.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "python/embed.h"
#include "python/sched.h"
#include "python/start_name.h"
#include "python/sync.h"
#include "python/virtual.h"

/* What a started thread is to do. It owns its references. */
struct start {
  PyObject *function;
  PyObject *args;
  PyObject *kwargs;
  PyObject *handle; /* from 3.13 on; else NULL */
  void *token;      /* sync.h's; NULL: nobody listened */
};

/* Up to 3.12: for each thread the lock that threading waits for to join it (_set_sentinel). */
static PyObject *sentinels[STRATEGY_MOST_THREADS];

static void free_start(void *arg) {
  struct start *start = arg;
  if (start->handle) {
    virtual_handle_set_done(start->handle);
  }
  Py_XDECREF(start->function);
  Py_XDECREF(start->args);
  Py_XDECREF(start->kwargs);
  Py_XDECREF(start->handle);
  free(start);
}

static void run_started(void *arg) {
  struct start *start = arg;
  void *token = start->token;
  int index = sched_current();
  const struct sync_listener *listener = sync_listener();
  if (listener && start->token) {
    listener->begun(start->token);
  }
  PyObject *result = PyObject_Call(start->function, start->args, start->kwargs);
  if (!result && !PyErr_ExceptionMatches(PyExc_SystemExit) && !PyErr_ExceptionMatches(sched_unwind_type())) {
    PyErr_WriteUnraisable(start->function);
  }
  PyErr_Clear();
  Py_XDECREF(result);
  if (sentinels[index]) {
    virtual_lock_release(sentinels[index]);
    Py_CLEAR(sentinels[index]);
  }
  free_start(start);
  if (listener && token) {
    listener->ended(token);
  }
}

int virtual_start(PyObject *function, PyObject *args, PyObject *kwargs, PyObject *handle, PyObject *daemon) {
  if (!sched_inside()) {
    PyErr_SetString(PyExc_RuntimeError,
                    "under explore only actors can start threads, not an import, a set-up or a constructor: move the "
                    "start into an actor");
    return -1;
  }
  char name[SCHED_NAME_SIZE];
  bool is_daemon;
  start_name(function, name, sizeof name, &is_daemon);
  struct start *start = mem_alloc(sizeof *start);
  const struct sync_listener *listener = sync_listener();
  *start = (struct start){.function = function,
                          .args = args,
                          .kwargs = kwargs,
                          .handle = handle,
                          .token = listener ? listener->starting(name) : NULL};
  Py_INCREF(function);
  Py_INCREF(args);
  Py_XINCREF(kwargs);
  Py_XINCREF(handle);
  int index = sched_spawn(name, daemon ? daemon == Py_True : is_daemon, run_started, free_start, start);
  if (index < 0) {
    free_start(start);
  }
  return index;
}

static PyObject *start_new_thread(PyObject *self, PyObject *args) {
  (void)self;
  PyObject *function, *arguments, *kwargs = NULL;
  if (!PyArg_UnpackTuple(args, "start_new_thread", 2, 3, &function, &arguments, &kwargs)) {
    return NULL;
  }
  if (!PyCallable_Check(function) || !PyTuple_Check(arguments) || (kwargs && !PyDict_Check(kwargs))) {
    PyErr_SetString(PyExc_TypeError, "start_new_thread(function, args[, kwargs]): a callable, a tuple, a dict");
    return NULL;
  }
  int index = virtual_start(function, arguments, kwargs, NULL, NULL);
  return index < 0 ? NULL : PyLong_FromUnsignedLong(sched_ident_of(index));
}

static PyObject *get_ident(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  return PyLong_FromUnsignedLong(sched_ident());
}

static PyObject *set_sentinel(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  PyObject *lock = virtual_lock_new(false);
  if (lock && sched_inside()) {
    Py_INCREF(lock);
    Py_XSETREF(sentinels[sched_current()], lock);
  }
  return lock;
}

static PyMethodDef functions[] = {
    {"start_new_thread", start_new_thread, METH_VARARGS, "Start a logical thread; its ident."},
    {"start_new", start_new_thread, METH_VARARGS, "An older name of start_new_thread()."},
    {"get_ident", get_ident, METH_NOARGS, "The logical thread's number."},
    {"get_native_id", get_ident, METH_NOARGS, "The logical thread's number."},
    {"_set_sentinel", set_sentinel, METH_NOARGS, "The lock that is held while the thread lives."},
};

/* ---- in place ------------------------------------------------------------------------------------------------------
 */

bool virtual_thread_install(PyObject *thread_module, struct err *err) {
  bool ok = virtual_replace(thread_module, functions, sizeof functions / sizeof *functions) &&
            (!PyObject_HasAttrString(thread_module, "_ThreadHandle") || virtual_handle_install(thread_module));
  return ok || embed_error(err, ERR_HARNESS, "cannot replace Python's threads");
}

/* Threads of the schedule before are gone: only the main one stays known. */
static void forget_threads(PyObject *active) {
  PyObject *main_ident = PyLong_FromUnsignedLong(PyThread_get_thread_ident());
  PyObject *main_thread = main_ident ? PyDict_GetItemWithError(active, main_ident) : NULL; /* borrowed */
  Py_XINCREF(main_thread);
  PyDict_Clear(active);
  if (main_thread) {
    PyDict_SetItem(active, main_ident, main_thread);
  }
  Py_XDECREF(main_thread);
  Py_XDECREF(main_ident);
}

/* Thread-1, Thread-2, …: from 1 in each schedule, as names may be seen by the program. */
static void count_anew(PyObject *threading) {
  PyObject *itertools = PyImport_ImportModule("itertools");
  PyObject *count = itertools ? PyObject_CallMethod(itertools, "count", "i", 1) : NULL;
  PyObject *next = count ? PyObject_GetAttrString(count, "__next__") : NULL;
  if (next && PyObject_HasAttrString(threading, "_counter")) {
    PyObject_SetAttrString(threading, "_counter", next);
  }
  Py_XDECREF(next);
  Py_XDECREF(count);
  Py_XDECREF(itertools);
}

void virtual_thread_tidy(void) {
  static PyObject *threading, *active; /* kept: sys.modules has them for good */
  if (!threading) {
    threading = PyImport_ImportModule("threading");
    active = threading ? PyObject_GetAttrString(threading, "_active") : NULL;
  }
  for (int i = 0; i < sched_thread_count(); i++) {
    Py_CLEAR(sentinels[i]);
  }
  if (active && PyDict_Check(active) && PyDict_GET_SIZE(active) > 1) {
    forget_threads(active);
  }
  if (threading && sched_thread_count() > 0 && !sched_is_actor(sched_thread_count() - 1)) {
    count_anew(threading);
  }
  PyErr_Clear();
}
