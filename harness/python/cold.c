#include "python/python.h"

#include "python/cold.h"

#if PY_VERSION_HEX >= 0x030C0000 && PY_VERSION_HEX < 0x030E0000

#include <stdbool.h>

/* An event of calls to which nobody listens: an instruction that has one is never specialised, and does what the
 * unspecialised one does. */
static struct {
  PyObject *module; /* sys.monitoring; NULL: not asked for yet */
  int number;       /* of the tool; -1: there was none left */
  int call;         /* the event's number */
} tool;

static bool take(int number) {
  PyObject *done = PyObject_CallMethod(tool.module, "use_tool_id", "is", number, "flashflood: cold code");
  Py_XDECREF(done);
  PyErr_Clear();
  return done != NULL;
}

static void open_tool(void) {
  tool.module = PySys_GetObject("monitoring"); /* borrowed, and stays */
  tool.number = -1;
  PyObject *events = tool.module ? PyObject_GetAttrString(tool.module, "events") : NULL;
  PyObject *call = events ? PyObject_GetAttrString(events, "CALL") : NULL;
  tool.call = call ? (int)PyLong_AsLong(call) : 0;
  for (int number = 5; call && number >= 0 && tool.number < 0; number--) {
    tool.number = take(number) ? number : -1;
  }
  Py_XDECREF(call);
  Py_XDECREF(events);
  PyErr_Clear();
}

void cold_keep(PyCodeObject *code) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  if (!tool.module) {
    open_tool();
  }
  if (tool.number >= 0) {
    PyObject *done = PyObject_CallMethod(tool.module, "set_local_events", "iOi", tool.number, code, tool.call);
    Py_XDECREF(done);
  }
  PyErr_Restore(type, value, traceback);
}

#elif PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000

void cold_keep(PyCodeObject *code) { code->co_warmup = 0; /* the count is over at once, and was never full */ }

#else

void cold_keep(PyCodeObject *code) { (void)code; }

#endif
