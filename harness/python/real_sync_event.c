/* Event.is_set() is the one thing in threading that orders threads and takes no lock: it reads a flag. So a True is
 * told as if it had taken the lock under which the flag was set.
 *
 * It is a Python function. What calls it goes through a pointer in the function object, but for 3.11, whose eval loop
 * enters the code at once: there it gets other code, on the same lines, which hands the flag to us. */
#include "python/python.h"

#include "python/embed.h"
#include "python/real_sync_parts.h"
#include "python/sync.h"

static void tell_set(PyObject *event, PyObject *flag) {
  if (flag == Py_True && sync_listener()) {
    PyObject *condition = embed_own_attribute(event, "_cond");
    PyObject *lock = embed_own_attribute(condition, "_lock");
    if (lock) {
      sync_acquired(lock);
    }
    Py_XDECREF(lock);
    Py_XDECREF(condition);
  }
}

#if PY_VERSION_HEX >= 0x030C0000 || PY_VERSION_HEX < 0x030B0000
static vectorcallfunc is_set_original;

static PyObject *is_set(PyObject *function, PyObject *const *args, size_t count, PyObject *names) {
  PyObject *flag = is_set_original(function, args, count, names);
  Py_ssize_t given = PyVectorcall_NARGS(count) + (names ? PyTuple_GET_SIZE(names) : 0);
  if (flag && given == 1) { /* by position or by name */
    tell_set(args[0], flag);
  }
  return flag;
}

static bool replace(PyObject *function) {
  if (!PyFunction_Check(function)) {
    PyErr_SetString(PyExc_TypeError, "Event.is_set is not a Python function");
    return false;
  }
  is_set_original = ((PyFunctionObject *)function)->vectorcall;
#if PY_VERSION_HEX >= 0x030C0000
  PyFunction_SetVectorcall((PyFunctionObject *)function, is_set); /* what has been specialised for it is undone */
#else
  ((PyFunctionObject *)function)->vectorcall = is_set;
#endif
  return true;
}
#else
static PyObject *is_set(PyObject *self, PyObject *const *args, Py_ssize_t count) {
  (void)self;
  if (count != 2) {
    PyErr_SetString(PyExc_TypeError, "an event and its flag");
    return NULL;
  }
  tell_set(args[0], args[1]);
  return Py_NewRef(args[1]);
}

static const char replacement[] =
    "code = function.__code__\n"
    "if code.co_names != ('_flag',) or code.co_varnames != ('self',): raise TypeError('Event.is_set has other code')\n"
    "first, last = code.co_firstlineno, list(code.co_lines())[-1][2]\n"
    "text = '\\n' * (first - 1) + 'def is_set(self):' + '\\n' * (last - first)\n"
    "text += \" told = 'told'; return told(self, self._flag)\"\n"
    "made = next(c for c in compile(text, code.co_filename, 'exec').co_consts if hasattr(c, 'co_code'))\n"
    "consts = tuple(told if c == 'told' else c for c in made.co_consts)\n"
    "function.__code__ = made.replace(co_consts=consts, co_qualname=code.co_qualname)\n";

static bool replace(PyObject *function) {
  static PyMethodDef definition = {"is_set", REAL_SYNC_FUNCTION(is_set), METH_FASTCALL, NULL};
  PyObject *told = PyCFunction_New(&definition, NULL);
  PyObject *space =
      told ? Py_BuildValue("{s:O,s:O,s:O}", "__builtins__", PyEval_GetBuiltins(), "function", function, "told", told)
           : NULL;
  PyObject *done = space ? PyRun_String(replacement, Py_file_input, space, space) : NULL;
  if (space) {
    PyDict_Clear(space); /* a generator in it refers to it */
  }
  Py_XDECREF(done);
  Py_XDECREF(space);
  Py_XDECREF(told);
  return done != NULL;
}
#endif

bool real_sync_event_install(struct err *err) {
  PyObject *threading = PyImport_ImportModule("threading");
  PyObject *event = threading ? PyObject_GetAttrString(threading, "Event") : NULL;
  PyObject *function = event ? PyObject_GetAttrString(event, "is_set") : NULL;
  bool ok = function && replace(function);
  Py_XDECREF(function);
  Py_XDECREF(event);
  Py_XDECREF(threading);
  return ok || embed_error(err, ERR_HARNESS, "cannot watch what orders threads");
}
