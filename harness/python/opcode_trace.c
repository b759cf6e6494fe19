/* Instruction events from PyEval_SetTrace: CPython 3.11. */
#include "python/python.h"

#include "python/frame_peek.h"
#include "python/opcode_events_parts.h"

#if OPCODE_EVENTS_BY_TRACE

static int on_trace(PyObject *self, PyFrameObject *frame, int what, PyObject *arg) {
  (void)self;
  if (!opcode_events.active) {
    return 0;
  }
  struct _PyInterpreterFrame *inner = frame_of_object(frame);
  if (what == PyTrace_OPCODE) {
    return opcode_events_dispatch(inner, frame, code_map_get(frame_code(inner)), frame_offset(inner)) ? 0 : -1;
  }
  if (what == PyTrace_CALL) {
    if (opcode_events.entered) {
      opcode_events.entered(frame);
    }
    struct code_info *info = code_map_get(frame_code(inner));
    if (!(info->events & JUDGED)) {
      opcode_events_judge(info);
    }
    frame_want_opcodes(frame, info->events & opcode_events.active);
  } else if (what == PyTrace_RETURN && !arg && (opcode_events.active & WANTED_BY_OBSERVER)) {
    opcode_events.observer.unwind(inner);
  }
  return 0;
}

void opcode_events_thread(void) {
  Py_tracefunc wanted = opcode_events.active ? on_trace : NULL;
  Py_tracefunc present = PyThreadState_Get()->c_tracefunc;
  if (present != wanted && (wanted || present == on_trace)) { /* another's is left alone */
    PyEval_SetTrace(wanted, NULL);
  }
}

bool opcode_events_install(struct err *err) {
  (void)err;
  opcode_events.installed = true;
  opcode_events_judge_all(opcode_events_judge);
  return true;
}

void opcode_events_uninstall(void) {
  if (opcode_events.installed) {
    opcode_events_thread();
    opcode_events.installed = false;
  }
}

void opcode_events_prime(PyObject *module_or_dict) { (void)module_or_dict; }

#endif
