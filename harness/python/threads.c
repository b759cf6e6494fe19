#include "python/python.h"

#include "python/threads.h"

#include <string.h>

#include "platform/clock.h"
#include "python/embed.h"

/* Not the main thread, and not the stand-in that threading keeps for a thread that C started (an actor). */
static bool was_started(PyObject *thread, PyObject *main_thread) {
  return thread != main_thread && strcmp(Py_TYPE(thread)->tp_name, "_DummyThread") != 0;
}

static bool join_one(PyObject *thread, double deadline, struct strlist *outlived) {
  double left = deadline - clock_now();
  PyObject *joined = PyObject_CallMethod(thread, "join", "d", left > 0 ? left : 0.0);
  PyObject *alive = joined ? PyObject_CallMethod(thread, "is_alive", NULL) : NULL;
  PyObject *name = alive == Py_True ? PyObject_GetAttrString(thread, "name") : NULL;
  const char *text = name ? PyUnicode_AsUTF8(name) : NULL;
  if (text && !strlist_has(outlived, text)) {
    strlist_add(outlived, text);
  }
  bool ok = alive != NULL;
  Py_XDECREF(name);
  Py_XDECREF(alive);
  Py_XDECREF(joined);
  return ok;
}

bool threads_join_started(double seconds, struct strlist *outlived, struct err *err) {
  double deadline = clock_now() + seconds;
  PyObject *threading = PyImport_ImportModule("threading");
  PyObject *all = threading ? PyObject_CallMethod(threading, "enumerate", NULL) : NULL;
  PyObject *main_thread = all ? PyObject_CallMethod(threading, "main_thread", NULL) : NULL;
  bool ok = main_thread != NULL;
  for (Py_ssize_t i = 0; ok && i < PyList_Size(all); i++) {
    PyObject *thread = PyList_GetItem(all, i); /* borrowed */
    ok = !was_started(thread, main_thread) || join_one(thread, deadline, outlived);
  }
  Py_XDECREF(main_thread);
  Py_XDECREF(all);
  Py_XDECREF(threading);
  return ok || embed_error(err, ERR_HARNESS, "cannot wait for the threads that the trial started");
}
