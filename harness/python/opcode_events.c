#include "python/python.h"

#include "python/opcode_events.h"

#include "python/embed.h"
#include "python/frame_peek.h"

enum {
  WANTED_BY_OBSERVER = 1,
  WANTED_BY_POINTS = 2,
  WANTED = WANTED_BY_OBSERVER | WANTED_BY_POINTS,
  JUDGED = 4,
  INSTRUMENTED = 8,
};

static struct {
  opcode_wanted *points_want;
  opcode_callback *callback; /* NULL: no switch points */
  opcode_wanted *observer_wants;
  void (*entered)(PyFrameObject *frame);
  struct opcode_observer observer; /* observe NULL: nobody observes */
  uint8_t active;                  /* WANTED_BY_… of those that listen */
  int resume;                      /* the number of RESUME */
  bool installed;
  bool stale;                  /* code was seen while nobody listened, and not judged */
  opcode_wanted *judged_by[2]; /* whose answers the code objects that are known carry */
#if PY_VERSION_HEX >= 0x030C0000
  PyObject *monitoring; /* the module sys.monitoring */
  PyObject *disable;    /* its DISABLE */
  int tool;
  int instruction; /* its event numbers */
  int start_and_unwind;
#endif
} events;

#if PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030E0000

static void judge(struct code_info *info) {
  uint8_t wanted = JUDGED | (info->events & INSTRUMENTED);
  if (events.points_want && events.points_want(info)) {
    wanted |= WANTED_BY_POINTS;
  }
  if (events.observer_wants && events.observer_wants(info)) {
    wanted |= WANTED_BY_OBSERVER;
  }
  info->events = wanted;
}

/* Asks anew about all code that is known, if who asks has changed. */
static void judge_all(void (*each)(struct code_info *info)) {
  if (events.stale || events.judged_by[0] != events.points_want || events.judged_by[1] != events.observer_wants) {
    events.stale = false;
    events.judged_by[0] = events.points_want;
    events.judged_by[1] = events.observer_wants;
    code_map_each(each);
  }
}

static bool dispatch(struct _PyInterpreterFrame *frame, PyFrameObject *object, struct code_info *info, int offset) {
  uint8_t who = info->events & events.active;
  if (!who || offset <= info->body ||
      (unsigned char)PyBytes_AS_STRING(info->bytes)[offset] == (unsigned char)events.resume) {
    return true;
  }
  if (who == WANTED_BY_OBSERVER) {
    events.observer.arrive(frame, info, offset);
    events.observer.observe(frame, info, offset);
    return true;
  }
  if (who & WANTED_BY_OBSERVER) {
    events.observer.arrive(frame, info, offset);
  }
  if (!events.callback(object ? object : PyEval_GetFrame(), info, offset)) {
    return false;
  }
  if (who & events.active & WANTED_BY_OBSERVER) {
    events.observer.observe(frame, info, offset);
  }
  return true;
}

#endif

#if PY_VERSION_HEX >= 0x030C0000 && PY_VERSION_HEX < 0x030E0000

static PyObject *on_instruction(PyObject *self, PyObject *const *args, Py_ssize_t count) {
  (void)self, (void)count;
  if (events.active) {
    struct code_info *info = code_map_get(args[0]);
    if (!dispatch(frame_current(), NULL, info, (int)PyLong_AsLong(args[1]))) {
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
  PyObject *done = PyObject_CallMethod(events.monitoring, "set_local_events", "iOi", events.tool, info->code,
                                       on ? events.instruction : 0);
  if (done) {
    info->events = (uint8_t)(on ? info->events | INSTRUMENTED : info->events & ~INSTRUMENTED);
  }
  Py_XDECREF(done);
  PyErr_Restore(type, value, traceback);
}

/* Code that is no longer wanted stays instrumented: taking it away and putting it back costs more than its events. */
static void adopt(struct code_info *info) {
  judge(info);
  if (info->events & WANTED) {
    instrument(info, true);
  }
}

static void release(struct code_info *info) { instrument(info, false); }

static PyObject *on_start(PyObject *self, PyObject *const *args, Py_ssize_t count) {
  (void)self, (void)count;
  struct code_info *info = code_map_get(args[0]);
  if (!events.active) {
    events.stale = true;
  } else if (!(info->events & JUDGED)) {
    adopt(info);
  }
  Py_INCREF(events.disable); /* no more of these events for this code */
  return events.disable;
}

static PyObject *on_unwind(PyObject *self, PyObject *const *args, Py_ssize_t count) {
  (void)self, (void)args, (void)count;
  if (events.active & WANTED_BY_OBSERVER) {
    events.observer.unwind(frame_current());
  }
  Py_RETURN_NONE;
}

static PyMethodDef instruction_def = {"instruction", (PyCFunction)(void (*)(void))on_instruction, METH_FASTCALL, NULL};
static PyMethodDef start_def = {"start", (PyCFunction)(void (*)(void))on_start, METH_FASTCALL, NULL};
static PyMethodDef unwind_def = {"unwind", (PyCFunction)(void (*)(void))on_unwind, METH_FASTCALL, NULL};

static int event_number(const char *name) {
  PyObject *all = PyObject_GetAttrString(events.monitoring, "events");
  PyObject *number = all ? PyObject_GetAttrString(all, name) : NULL;
  int value = number ? (int)PyLong_AsLong(number) : 0;
  Py_XDECREF(number);
  Py_XDECREF(all);
  return value;
}

static bool register_callback(int event, PyMethodDef *def) {
  PyObject *function = PyCFunction_New(def, NULL);
  PyObject *old = function
                      ? PyObject_CallMethod(events.monitoring, "register_callback", "iiO", events.tool, event, function)
                      : NULL;
  Py_XDECREF(function);
  Py_XDECREF(old);
  return old != NULL;
}

/* A tool's number that nobody has: 3, 4, then the others. */
static bool take_tool(void) {
  static const int numbers[] = {3, 4, 1, 0, 2, 5};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    PyErr_Clear();
    PyObject *done = PyObject_CallMethod(events.monitoring, "use_tool_id", "is", numbers[i], "flashflood");
    Py_XDECREF(done);
    if (done) {
      events.tool = numbers[i];
      return true;
    }
  }
  return false;
}

static bool open_monitoring(void) {
  events.monitoring = PySys_GetObject("monitoring"); /* borrowed, and stays */
  events.disable = events.monitoring ? PyObject_GetAttrString(events.monitoring, "DISABLE") : NULL;
  if (!events.disable || !take_tool()) {
    return false;
  }
  events.instruction = event_number("INSTRUCTION");
  int start = event_number("PY_START"), unwind = event_number("PY_UNWIND");
  events.start_and_unwind = start | unwind;
  return register_callback(events.instruction, &instruction_def) && register_callback(start, &start_def) &&
         register_callback(unwind, &unwind_def);
}

static bool set_global_events(int set) {
  PyObject *done = PyObject_CallMethod(events.monitoring, "set_events", "ii", events.tool, set);
  Py_XDECREF(done);
  return done != NULL;
}

static bool install(struct err *err) {
  if (!events.disable && !open_monitoring()) {
    return embed_error(err, ERR_HARNESS, "sys.monitoring gives no instruction events");
  }
  if (!events.installed && !set_global_events(events.start_and_unwind)) {
    return embed_error(err, ERR_HARNESS, "sys.monitoring gives no start events");
  }
  events.installed = true;
  judge_all(adopt);
  return true;
}

void opcode_events_thread(void) {}

void opcode_events_uninstall(void) {
  if (events.installed) {
    code_map_each(release);
    events.judged_by[0] = events.judged_by[1] = NULL;
    set_global_events(0);
    PyErr_Clear();
    events.installed = false;
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
  if (events.installed && PyDict_Check(dict)) {
    prime_dict(dict, 4);
  }
}

#elif PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000

static int on_trace(PyObject *self, PyFrameObject *frame, int what, PyObject *arg) {
  (void)self;
  if (!events.active) {
    return 0;
  }
  struct _PyInterpreterFrame *inner = frame_of_object(frame);
  if (what == PyTrace_OPCODE) {
    return dispatch(inner, frame, code_map_get(frame_code(inner)), frame_offset(inner)) ? 0 : -1;
  }
  if (what == PyTrace_CALL) {
    if (events.entered) {
      events.entered(frame);
    }
    struct code_info *info = code_map_get(frame_code(inner));
    if (!(info->events & JUDGED)) {
      judge(info);
    }
    frame_want_opcodes(frame, info->events & events.active);
  } else if (what == PyTrace_RETURN && !arg && (events.active & WANTED_BY_OBSERVER)) {
    events.observer.unwind(inner);
  }
  return 0;
}

void opcode_events_thread(void) {
  Py_tracefunc wanted = events.active ? on_trace : NULL;
  Py_tracefunc present = PyThreadState_Get()->c_tracefunc;
  if (present != wanted && (wanted || present == on_trace)) { /* another's is left alone */
    PyEval_SetTrace(wanted, NULL);
  }
}

static bool install(struct err *err) {
  (void)err;
  events.installed = true;
  judge_all(judge);
  opcode_events_thread();
  return true;
}

void opcode_events_uninstall(void) {
  if (events.installed) {
    opcode_events_thread();
    events.installed = false;
  }
}

void opcode_events_prime(PyObject *module_or_dict) { (void)module_or_dict; }

#else

static bool install(struct err *err) {
  return err_set(err, ERR_USAGE, "instruction events need CPython 3.11, 3.12 or 3.13, and this is CPython %s",
                 PY_VERSION);
}

void opcode_events_thread(void) {}
void opcode_events_uninstall(void) {}
void opcode_events_prime(PyObject *module_or_dict) { (void)module_or_dict; }

#endif

static bool begin(uint8_t who, struct err *err) {
  events.resume = code_map_opcode("RESUME");
  uint8_t before = events.active;
  events.active |= who;
  if (!install(err)) {
    events.active = before;
    return false;
  }
  return true;
}

static void end(uint8_t who) {
  events.active &= (uint8_t)~who;
  if (!events.active && events.installed) {
    opcode_events_thread();
  }
}

void opcode_events_tell_entries(void (*entered)(PyFrameObject *frame)) { events.entered = entered; }

bool opcode_events_start(opcode_wanted *wanted, opcode_callback *callback, struct err *err) {
  events.points_want = wanted;
  events.callback = callback;
  return begin(WANTED_BY_POINTS, err);
}

void opcode_events_stop(void) { end(WANTED_BY_POINTS); }

bool opcode_events_observe(opcode_wanted *wanted, const struct opcode_observer *observer, struct err *err) {
  events.observer_wants = wanted;
  events.observer = *observer;
  return begin(WANTED_BY_OBSERVER, err);
}

void opcode_events_observe_stop(void) { end(WANTED_BY_OBSERVER); }
