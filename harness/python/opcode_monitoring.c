/* Instruction events from sys.monitoring: CPython 3.12 and 3.13. */
#include "python/python.h"

#include "python/embed.h"
#include "python/frame_peek.h"
#include "python/opcode_events_parts.h"

#if OPCODE_EVENTS_BY_MONITORING

static struct {
  PyObject *module;  /* sys.monitoring */
  PyObject *disable; /* its DISABLE */
  int number;        /* this tool's */
  int instruction;   /* its event numbers */
  int start_and_unwind;
} tool;

static PyObject *on_instruction(PyObject *self, PyObject *const *args, Py_ssize_t count) {
  (void)self, (void)count;
  if (opcode_events.active) {
    struct code_info *info = code_map_get(args[0]);
    if (!opcode_events_dispatch(frame_current(), NULL, info, (int)PyLong_AsLong(args[1]))) {
      return NULL;
    }
  }
  Py_RETURN_NONE;
}

/* Where an event cannot be set nothing can be seen of the code; never known to happen. */
static void instrument(struct code_info *info, bool on) {
  if (on == !!(info->events & INSTRUMENTED)) {
    return;
  }
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyObject *done =
      PyObject_CallMethod(tool.module, "set_local_events", "iOi", tool.number, info->code, on ? tool.instruction : 0);
  if (done) {
    info->events = (uint8_t)(on ? info->events | INSTRUMENTED : info->events & ~INSTRUMENTED);
  }
  Py_XDECREF(done);
  PyErr_Restore(type, value, traceback);
}

/* Code that is no longer wanted stays instrumented: taking it away and putting it back costs more than its events. */
static void adopt(struct code_info *info) {
  opcode_events_judge(info);
  if (info->events & WANTED) {
    instrument(info, true);
  }
}

static void release(struct code_info *info) { instrument(info, false); }

static PyObject *on_start(PyObject *self, PyObject *const *args, Py_ssize_t count) {
  (void)self, (void)count;
  struct code_info *info = code_map_get(args[0]);
  if (!opcode_events.active) {
    opcode_events.stale = true;
  } else if (!(info->events & JUDGED)) {
    adopt(info);
  }
  Py_INCREF(tool.disable); /* no more of these events for this code */
  return tool.disable;
}

static PyObject *on_unwind(PyObject *self, PyObject *const *args, Py_ssize_t count) {
  (void)self, (void)args, (void)count;
  if (opcode_events.active & WANTED_BY_OBSERVER) {
    opcode_events.observer.unwind(frame_current());
  }
  Py_RETURN_NONE;
}

static PyMethodDef instruction_def = {"instruction", (PyCFunction)(void (*)(void))on_instruction, METH_FASTCALL, NULL};
static PyMethodDef start_def = {"start", (PyCFunction)(void (*)(void))on_start, METH_FASTCALL, NULL};
static PyMethodDef unwind_def = {"unwind", (PyCFunction)(void (*)(void))on_unwind, METH_FASTCALL, NULL};

static int event_number(const char *name) {
  PyObject *all = PyObject_GetAttrString(tool.module, "events");
  PyObject *number = all ? PyObject_GetAttrString(all, name) : NULL;
  int value = number ? (int)PyLong_AsLong(number) : 0;
  Py_XDECREF(number);
  Py_XDECREF(all);
  return value;
}

static bool register_callback(int event, PyMethodDef *def) {
  PyObject *function = PyCFunction_New(def, NULL);
  PyObject *old =
      function ? PyObject_CallMethod(tool.module, "register_callback", "iiO", tool.number, event, function) : NULL;
  Py_XDECREF(function);
  Py_XDECREF(old);
  return old != NULL;
}

/* A tool's number that nobody has: 3, 4, then the others. */
static bool take_tool(void) {
  static const int numbers[] = {3, 4, 1, 0, 2, 5};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    PyErr_Clear();
    PyObject *done = PyObject_CallMethod(tool.module, "use_tool_id", "is", numbers[i], "flashflood");
    Py_XDECREF(done);
    if (done) {
      tool.number = numbers[i];
      return true;
    }
  }
  return false;
}

static bool open_monitoring(void) {
  tool.module = PySys_GetObject("monitoring"); /* borrowed, and stays */
  tool.disable = tool.module ? PyObject_GetAttrString(tool.module, "DISABLE") : NULL;
  if (!tool.disable || !take_tool()) {
    return false;
  }
  tool.instruction = event_number("INSTRUCTION");
  int start = event_number("PY_START"), unwind = event_number("PY_UNWIND");
  tool.start_and_unwind = start | unwind;
  return register_callback(tool.instruction, &instruction_def) && register_callback(start, &start_def) &&
         register_callback(unwind, &unwind_def);
}

static bool set_global_events(int set) {
  PyObject *done = PyObject_CallMethod(tool.module, "set_events", "ii", tool.number, set);
  Py_XDECREF(done);
  return done != NULL;
}

bool opcode_events_install(struct err *err) {
  if (!tool.disable && !open_monitoring()) {
    return embed_error(err, ERR_HARNESS, "sys.monitoring gives no instruction events");
  }
  if (!opcode_events.installed && !set_global_events(tool.start_and_unwind)) {
    return embed_error(err, ERR_HARNESS, "sys.monitoring gives no start events");
  }
  opcode_events.installed = true;
  opcode_events_judge_all(adopt);
  return true;
}

void opcode_events_thread(void) {}

void opcode_events_uninstall(void) {
  if (opcode_events.installed) {
    code_map_each(release);
    opcode_events.judged_by[0] = opcode_events.judged_by[1] = NULL;
    set_global_events(0);
    PyErr_Clear();
    opcode_events.installed = false;
  }
}

static void prime_code(PyObject *code) {
  adopt(code_map_get(code));
  PyObject *consts = ((PyCodeObject *)code)->co_consts;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(consts); i++) {
    if (PyCode_Check(PyTuple_GET_ITEM(consts, i))) {
      prime_code(PyTuple_GET_ITEM(consts, i));
    }
  }
}

static void prime_dict(PyObject *dict, int levels) {
  PyObject *key, *value;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &value);) {
    if (PyFunction_Check(value)) {
      prime_code(PyFunction_GET_CODE(value));
    } else if (PyType_Check(value) && (((PyTypeObject *)value)->tp_flags & Py_TPFLAGS_HEAPTYPE) && levels) {
      prime_dict(((PyTypeObject *)value)->tp_dict, levels - 1);
    }
  }
}

void opcode_events_prime(PyObject *module_or_dict) {
  PyObject *dict = PyModule_Check(module_or_dict) ? PyModule_GetDict(module_or_dict) : module_or_dict;
  if (opcode_events.installed && PyDict_Check(dict)) {
    prime_dict(dict, 4);
  }
}

#endif
