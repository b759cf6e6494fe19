/* Starts and ends. The interpreter is handed, in the place of the function that the new thread is to call, an object
 * that calls it between our two words: nothing else is told the new thread before, and nothing behind, its own code.
 *
 * How an end gets to who joins: from 3.13 on by the handle that threading waits for. Before that by a lock that
 * _thread._set_sentinel() gave the thread, which C code opens without any method when the thread state goes. */
#include "python/python.h"

#include <stddef.h>

#include "python/real_sync_parts.h"
#include "python/start_name.h"
#include "python/sync.h"

struct start {
  PyObject_HEAD vectorcallfunc call;
  PyObject *function; /* NULL when it has run */
  PyObject *joined_by;
  const struct sync_listener *listener; /* whose the token is; NULL: nobody's, or it was given back */
  void *token;
  bool begun;
};

static _Thread_local struct start *running;

/* The listener may have changed since, and does not know the token then. */
static bool still_listens(const struct start *start) { return start->listener && start->listener == sync_listener(); }

static void begin(struct start *start) {
  running = start;
  if (still_listens(start)) {
    start->begun = true;
    start->listener->begun(start->token);
  }
}

/* The last references to the function and its Thread may be these: what goes with them is still the thread's code. */
static void end(struct start *start) {
  running = NULL;
  Py_CLEAR(start->function);
  if (start->joined_by) {
    sync_releasing(start->joined_by);
    Py_CLEAR(start->joined_by);
  }
  if (start->begun && still_listens(start)) {
    start->listener->ended(start->token);
    start->listener = NULL;
  }
}

/* As the interpreter does for the function that it was told to call. */
static void report(PyObject *function) {
  if (PyErr_ExceptionMatches(PyExc_SystemExit)) {
    PyErr_Clear();
    return;
  }
#if PY_VERSION_HEX >= 0x030D0000
  PyErr_FormatUnraisable("Exception ignored in thread started by %R", function);
#else
  _PyErr_WriteUnraisableMsg("in thread started by", function);
#endif
}

static PyObject *start_call(PyObject *self, PyObject *const *args, size_t count, PyObject *names) {
  struct start *start = (struct start *)self;
  if (!start->function) {
    Py_RETURN_NONE; /* an audit hook can get hold of it and call it again */
  }
  begin(start);
  PyObject *result = PyObject_Vectorcall(start->function, args, count, names);
  if (!result) {
    report(start->function);
  }
  Py_XDECREF(result);
  end(start);
  Py_RETURN_NONE;
}

static void start_dealloc(PyObject *self) {
  struct start *start = (struct start *)self;
  if (!start->begun && still_listens(start)) {
    start->listener->not_begun(start->token);
  }
  Py_XDECREF(start->function);
  Py_XDECREF(start->joined_by);
  Py_TYPE(self)->tp_free(self);
}

static PyObject *start_text(PyObject *self) {
  PyObject *function = ((struct start *)self)->function;
  return function ? PyObject_Repr(function) : PyUnicode_FromString("<a function that a thread has run>");
}

/* With a vectorcall, as that adds no level of recursion for the code under test to notice. */
static PyTypeObject start_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "flashflood.start",
    .tp_basicsize = sizeof(struct start),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(struct start, call),
    .tp_call = PyVectorcall_Call,
    .tp_dealloc = start_dealloc,
    .tp_repr = start_text,
};

static PyObject *start_new(PyObject *function, PyObject *joined_by) {
  if (PyType_Ready(&start_type) < 0) {
    return NULL;
  }
  struct start *start = (struct start *)start_type.tp_alloc(&start_type, 0);
  if (!start) {
    return NULL;
  }
  start->call = start_call;
  Py_INCREF(function);
  start->function = function;
  Py_XINCREF(joined_by);
  start->joined_by = joined_by;
  const struct sync_listener *listener = sync_listener();
  if (listener) {
    char name[256];
    start_name(function, name, sizeof name, NULL);
    start->token = listener->starting(name);
    start->listener = listener;
  }
  return (PyObject *)start;
}

/* ---- the interpreter's functions -----------------------------------------------------------------------------------
 */

static PyCFunction start_new_thread_original;

/* Other arguments that are wrong are the original's to refuse; the start was in vain then, as where no thread is to be
 * had. */
static PyObject *start_new_thread(PyObject *module, PyObject *args) {
  PyObject *function = PyTuple_GET_SIZE(args) ? PyTuple_GET_ITEM(args, 0) : NULL;
  if (!function || !PyCallable_Check(function)) {
    return start_new_thread_original(module, args);
  }
  PyObject *start = start_new(function, NULL);
  PyObject *changed = start ? PyTuple_New(PyTuple_GET_SIZE(args)) : NULL;
  if (!changed) {
    Py_XDECREF(start);
    return NULL;
  }
  PyTuple_SET_ITEM(changed, 0, start);
  for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(args); i++) {
    Py_INCREF(PyTuple_GET_ITEM(args, i));
    PyTuple_SET_ITEM(changed, i, PyTuple_GET_ITEM(args, i));
  }
  PyObject *result = start_new_thread_original(module, changed);
  Py_DECREF(changed);
  return result;
}

#if PY_VERSION_HEX >= 0x030D0000
static PyCFunction start_joinable_thread_original;

/* A new reference: the handle that the caller gave, or a new one. NULL: none that could be, or an exception is set. */
static PyObject *handle_for(PyObject *module, PyObject *given) {
  PyObject *type = PyObject_GetAttrString(module, "_ThreadHandle");
  PyObject *handle = NULL;
  if (type && (!given || given == Py_None)) {
    handle = PyObject_CallNoArgs(type);
  } else if (type && Py_IS_TYPE(given, (PyTypeObject *)type)) {
    handle = Py_NewRef(given);
  }
  Py_XDECREF(type);
  return handle;
}

static PyObject *start_joinable_thread(PyObject *module, PyObject *args, PyObject *kwargs) {
  static char *names[] = {"function", "handle", "daemon", NULL};
  PyObject *function, *given = NULL, *daemon = Py_True;
  PyObject *handle = NULL;
  if (PyArg_ParseTupleAndKeywords(args, kwargs, "O|OO", names, &function, &given, &daemon) &&
      PyCallable_Check(function)) {
    handle = handle_for(module, given);
  }
  if (!handle) { /* for the original to refuse */
    PyErr_Clear();
    return REAL_SYNC_AS(real_sync_keywords, start_joinable_thread_original)(module, args, kwargs);
  }
  PyObject *start = start_new(function, handle);
  PyObject *changed = start ? PyTuple_Pack(3, start, handle, daemon) : NULL;
  Py_XDECREF(start);
  Py_DECREF(handle);
  if (!changed) {
    return NULL;
  }
  PyObject *result = REAL_SYNC_AS(real_sync_keywords, start_joinable_thread_original)(module, changed, NULL);
  Py_DECREF(changed);
  return result;
}
#else
static PyCFunction set_sentinel_original;

static PyObject *set_sentinel(PyObject *module, PyObject *unused) {
  PyObject *lock = set_sentinel_original(module, unused);
  if (lock && running) {
    Py_INCREF(lock);
    Py_XSETREF(running->joined_by, lock);
  }
  return lock;
}
#endif

static const struct real_sync_patch patches[] = {
    {"start_new_thread", METH_VARARGS, start_new_thread, &start_new_thread_original},
    {"start_new", METH_VARARGS, start_new_thread, &start_new_thread_original},
#if PY_VERSION_HEX >= 0x030D0000
    {"start_joinable_thread", REAL_SYNC_KEYWORDS, REAL_SYNC_FUNCTION(start_joinable_thread),
     &start_joinable_thread_original},
#else
    {"_set_sentinel", METH_NOARGS, set_sentinel, &set_sentinel_original},
#endif
    {NULL, 0, NULL, NULL},
};

const struct real_sync_owner real_sync_threads[] = {
    {"_thread", NULL, patches, NULL, NULL, false},
    {NULL, NULL, NULL, NULL, NULL, false},
};
