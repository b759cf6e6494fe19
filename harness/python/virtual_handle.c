/* Handles: what threading joins a thread by, from 3.13 on. */
#include "python/python.h"

#include "python/sched.h"
#include "python/sync.h"
#include "python/virtual.h"

struct handle {
  PyObject_HEAD unsigned long ident;
  bool done;
  uint64_t waiters; /* a bit for each logical thread */
};

void virtual_handle_set_done(PyObject *self) {
  struct handle *handle = (struct handle *)self;
  sync_releasing(self);
  handle->done = true;
  virtual_touch(self, true);
  virtual_wake_up(&handle->waiters);
}

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
    enum sched_wake woken = virtual_wait("join", self, &handle->waiters, deadline);
    if (woken == SCHED_UNWIND) {
      return NULL;
    }
    if (woken == SCHED_TIMED_OUT) {
      break;
    }
  }
  if (handle->done) {
    sync_acquired(self);
  }
  Py_RETURN_NONE;
}

static PyObject *handle_is_done(PyObject *self, PyObject *unused) {
  (void)unused;
  virtual_touch(self, false);
  if (((struct handle *)self)->done) {
    sync_acquired(self);
  }
  return PyBool_FromLong(((struct handle *)self)->done);
}

static PyObject *handle_mark_done(PyObject *self, PyObject *unused) {
  (void)unused;
  virtual_handle_set_done(self);
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

static void handle_free(PyObject *self) {
  sync_gone(self);
  Py_TYPE(self)->tp_free(self);
}

static PyTypeObject handle_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "_thread._ThreadHandle",
    .tp_basicsize = sizeof(struct handle),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "A logical thread to be joined.",
    .tp_new = handle_make,
    .tp_dealloc = handle_free,
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
  int index = handle && arguments ? virtual_start(function, arguments, NULL, handle, daemon ? Py_True : Py_False) : -1;
  Py_XDECREF(arguments);
  if (index < 0) {
    Py_XDECREF(handle);
    return NULL;
  }
  ((struct handle *)handle)->ident = sched_ident_of(index);
  return handle;
}

static PyMethodDef handle_functions[] = {
    {"_make_thread_handle", make_thread_handle, METH_O, "A handle of a thread that runs."},
    {"start_joinable_thread", (PyCFunction)(void (*)(void))start_joinable_thread, METH_VARARGS | METH_KEYWORDS,
     "Start a logical thread; its handle."},
};

bool virtual_handle_install(PyObject *thread_module) {
  return PyType_Ready(&handle_type) == 0 &&
         PyObject_SetAttrString(thread_module, "_ThreadHandle", (PyObject *)&handle_type) == 0 &&
         virtual_replace(thread_module, handle_functions, sizeof handle_functions / sizeof *handle_functions);
}
