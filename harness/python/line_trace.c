#include "python/python.h"

#include "python/line_trace.h"

#include <frameobject.h>
#include <string.h>

#include "platform/mem.h"
#include "python/opcode_events.h"
#include "python/sched.h"

enum { MOST_LINES = 20000 }; /* as many as the driver keeps */

static struct {
  bool on;
  bool by_points;
  struct traced_line *lines;
  size_t count;
  size_t room;
} trace;

static void add(int thread, const struct code_info *info, uint32_t line) {
  if (trace.count == trace.room) {
    trace.room = trace.room ? 2 * trace.room : 256;
    trace.lines = mem_grow(trace.lines, trace.room * sizeof *trace.lines);
  }
  trace.lines[trace.count++] = (struct traced_line){.thread = thread, .info = info, .line = line};
}

static int on_event(PyObject *self, PyFrameObject *frame, int what, PyObject *arg) {
  (void)self, (void)arg;
  if (what == PyTrace_CALL) {
    sched_traced_entry(frame);
  }
  if (what == PyTrace_LINE && sched_inside() && !sched_unwinding() && trace.count < MOST_LINES) {
    PyCodeObject *code = PyFrame_GetCode(frame);
    const struct code_info *info = code_map_get((PyObject *)code);
    if (info->watched) {
      add(sched_current(), info, (uint32_t)PyFrame_GetLineNumber(frame));
    }
    Py_DECREF(code);
  }
  return 0;
}

void line_trace_start(bool by_points) {
  trace.on = true;
  trace.by_points = by_points;
  trace.count = 0;
}

void line_trace_thread(void) {
  bool wanted = trace.on && !trace.by_points;
  if (wanted) {
    PyEval_SetTrace(on_event, NULL);
  } else if (PyThreadState_Get()->c_tracefunc == on_event) {
    PyEval_SetTrace(NULL, NULL);
  }
}

void line_trace_point(const struct code_info *info, int offset) {
  if (!trace.on || !trace.by_points || trace.count == MOST_LINES) {
    return;
  }
  const struct traced_line *last = trace.count ? &trace.lines[trace.count - 1] : NULL;
  uint32_t line = code_map_line(info, offset);
  if (!last || last->thread != sched_current() || last->info != info || last->line != line) {
    add(sched_current(), info, line);
  }
}

void line_trace_switched(void) {
  if (trace.on && trace.count) {
    trace.lines[trace.count - 1].switched = true;
  }
}

/* From 3.12 on instruction events do not come any more in code that was traced: they must be asked for anew. */
void line_trace_stop(void) {
  trace.on = false;
  opcode_events_uninstall();
}

size_t line_trace_count(void) { return trace.count; }
const struct traced_line *line_trace_at(size_t index) { return &trace.lines[index]; }

char *line_trace_source(const struct code_info *info, uint32_t line) {
  PyObject *linecache = PyImport_ImportModule("linecache");
  PyObject *file = PyObject_GetAttrString(info->code, "co_filename");
  PyObject *text = linecache && file ? PyObject_CallMethod(linecache, "getline", "OI", file, line) : NULL;
  const char *source = text ? PyUnicode_AsUTF8(text) : NULL;
  char *copy = NULL;
  if (source) {
    source += strspn(source, " \t");
    copy = mem_dupn(source, strcspn(source, "\r\n"));
  }
  Py_XDECREF(text);
  Py_XDECREF(file);
  Py_XDECREF(linecache);
  PyErr_Clear();
  return copy;
}
