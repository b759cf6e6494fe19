/* Starting, naming and joining threads: `_thread` as threading.py of 3.9 to 3.13 uses it. */
#include "python/python.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "python/embed.h"
#include "python/sched.h"
#include "python/virtual.h"

/* What a started thread is to do. It owns its references. */
struct start {
  PyObject *function;
  PyObject *args;
  PyObject *kwargs;
  PyObject *handle; /* from 3.13 on; else NULL */
};

/* Up to 3.12: for each thread the lock that threading waits for to join it (_set_sentinel). */
static PyObject *sentinels[STRATEGY_MOST_THREADS];

/* From 3.13 on: what threading joins by. */
struct handle {
  PyObject_HEAD unsigned long ident;
  bool done;
  uint64_t waiters; /* a bit for each logical thread */
};

static void handle_set_done(struct handle *handle) {
  handle->done = true;
  virtual_touch((PyObject *)handle, true);
  for (int i = 0; handle->waiters; i++, handle->waiters >>= 1) {
    if (handle->waiters & 1) {
      sched_wake_up(i);
    }
  }
}

static void free_start(void *arg) {
  struct start *start = arg;
  if (start->handle) {
    handle_set_done((struct handle *)start->handle);
  }
  Py_XDECREF(start->function);
  Py_XDECREF(start->args);
  Py_XDECREF(start->kwargs);
  Py_XDECREF(start->handle);
  free(start);
}

static void run_started(void *arg) {
  struct start *start = arg;
  int index = sched_current();
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
}

/* ---- names ---------------------------------------------------------------------------------------------------------
 */

static PyObject *attribute(PyObject *object, const char *name) {
  PyObject *value = object ? PyObject_GetAttrString(object, name) : NULL;
  if (value == Py_None) {
    Py_CLEAR(value);
  }
  PyErr_Clear();
  return value;
}

/* The name of what the thread runs: the target of a threading.Thread, its class, or the function. */
static void name_of(PyObject *function, char *name, size_t size, bool *daemon) {
  PyObject *thread = attribute(function, "__self__");
  PyObject *target = attribute(thread, "_target");
  PyObject *marked = attribute(thread, "daemon");
  PyObject *named = target ? attribute(target, "__qualname__") : thread ? NULL : attribute(function, "__qualname__");
  const char *text = named && PyUnicode_Check(named) ? PyUnicode_AsUTF8(named) : NULL;
  snprintf(name, size, "%s", text ? text : thread ? Py_TYPE(thread)->tp_name : "thread");
  *daemon = !thread || marked == Py_True;
  Py_XDECREF(named);
  Py_XDECREF(marked);
  Py_XDECREF(target);
  Py_XDECREF(thread);
  PyErr_Clear();
}

static int spawn(struct start *start, PyObject *daemon) {
  char name[SCHED_NAME_SIZE];
  bool is_daemon;
  if (!sched_inside()) {
    PyErr_SetString(PyExc_RuntimeError,
                    "under explore only actors can start threads, not an import, a set-up or a constructor: move the "
                    "start into an actor");
    return -1;
  }
  name_of(start->function, name, sizeof name, &is_daemon);
  return sched_spawn(name, daemon ? daemon == Py_True : is_daemon, run_started, free_start, start);
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
  struct start *start = mem_alloc(sizeof *start);
  Py_INCREF(function);
  Py_INCREF(arguments);
  Py_XINCREF(kwargs);
  *start = (struct start){.function = function, .args = arguments, .kwargs = kwargs};
  int index = spawn(start, NULL);
  if (index < 0) {
    free_start(start);
    return NULL;
  }
  return PyLong_FromUnsignedLong(sched_ident_of(index));
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

/* ---- 3.13 ----------------------------------------------------------------------------------------------------------
 */

static PyTypeObject handle_type;

static PyObject *handle_join(PyObject *self, PyObject *args) {
  struct handle *handle = (struct handle *)self;
  PyObject *timeout = Py_None;
  if (!PyArg_ParseTuple(args, "|O:join", &timeout)) {
    return NULL;
  }
  double seconds = timeout == Py_None ? -1 : PyFloat_AsDouble(timeout);
  if (PyErr_Occurred()) {
    return NULL;
  }
  if (sched_inside() && handle->ident == sched_ident() && !handle->done) {
    PyErr_SetString(PyExc_RuntimeError, "Cannot join current thread");
    return NULL;
  }
  uint64_t deadline = seconds < 0 ? SCHED_NO_DEADLINE : virtual_deadline(seconds);
  virtual_touch(self, true);
  while (!handle->done && sched_inside()) {
    int me = sched_current();
    handle->waiters |= (uint64_t)1 << me;
    enum sched_wake woken = sched_wait("join", self, deadline);
    handle->waiters &= ~((uint64_t)1 << me);
    virtual_touch(self, true);
    if (woken == SCHED_UNWIND) {
      return NULL;
    }
    if (woken == SCHED_TIMED_OUT) {
      break;
    }
  }
  Py_RETURN_NONE;
}

static PyObject *handle_is_done(PyObject *self, PyObject *unused) {
  (void)unused;
  virtual_touch(self, false);
  return PyBool_FromLong(((struct handle *)self)->done);
}

static PyObject *handle_mark_done(PyObject *self, PyObject *unused) {
  (void)unused;
  handle_set_done((struct handle *)self);
  Py_RETURN_NONE;
}

static PyObject *handle_ident(PyObject *self, void *unused) {
  (void)unused;
  return PyLong_FromUnsignedLong(((struct handle *)self)->ident);
}

static PyObject *handle_make(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  (void)args, (void)kwargs;
  return type->tp_alloc(type, 0);
}

static PyMethodDef handle_methods[] = {
    {"join", handle_join, METH_VARARGS, "Wait until the thread has ended."},
    {"is_done", handle_is_done, METH_NOARGS, "Whether it has ended."},
    {"_set_done", handle_mark_done, METH_NOARGS, "Take it for ended."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef handle_attributes[] = {{"ident", handle_ident, NULL, "The thread's number.", NULL}, {0}};

static PyTypeObject handle_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "_thread._ThreadHandle",
    .tp_basicsize = sizeof(struct handle),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "A logical thread to be joined.",
    .tp_new = handle_make,
    .tp_methods = handle_methods,
    .tp_getset = handle_attributes,
};

static PyObject *make_thread_handle(PyObject *self, PyObject *ident) {
  (void)self;
  PyObject *handle = handle_make(&handle_type, NULL, NULL);
  if (handle) {
    ((struct handle *)handle)->ident = PyLong_AsUnsignedLong(ident);
  }
  return handle;
}

static PyObject *start_joinable_thread(PyObject *self, PyObject *args, PyObject *kwargs) {
  static char *names[] = {"function", "handle", "daemon", NULL};
  (void)self;
  PyObject *function, *handle = NULL;
  int daemon = 1;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|Op:start_joinable_thread", names, &function, &handle, &daemon)) {
    return NULL;
  }
  if (handle && handle != Py_None) {
    Py_INCREF(handle);
  } else {
    handle = handle_make(&handle_type, NULL, NULL);
  }
  PyObject *arguments = PyTuple_New(0);
  struct start *start = mem_alloc(sizeof *start);
  Py_INCREF(function);
  *start = (struct start){.function = function, .args = arguments, .handle = handle};
  int index = handle && arguments ? spawn(start, daemon ? Py_True : Py_False) : -1;
  if (index < 0) {
    free_start(start);
    return NULL;
  }
  ((struct handle *)handle)->ident = sched_ident_of(index);
  Py_INCREF(handle);
  return handle;
}

static PyMethodDef handle_functions[] = {
    {"_make_thread_handle", make_thread_handle, METH_O, "A handle of a thread that runs."},
    {"start_joinable_thread", (PyCFunction)(void (*)(void))start_joinable_thread, METH_VARARGS | METH_KEYWORDS,
     "Start a logical thread; its handle."},
};

/* ---- in place ------------------------------------------------------------------------------------------------------
 */

bool virtual_thread_install(PyObject *thread_module, struct err *err) {
  bool ok = virtual_replace(thread_module, functions, sizeof functions / sizeof *functions);
  if (ok && PyObject_HasAttrString(thread_module, "_ThreadHandle")) {
    ok = PyType_Ready(&handle_type) == 0 &&
         PyObject_SetAttrString(thread_module, "_ThreadHandle", (PyObject *)&handle_type) == 0 &&
         virtual_replace(thread_module, handle_functions, sizeof handle_functions / sizeof *handle_functions);
  }
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
