#include "python/python.h"

#include "python/point.h"

#include <frameobject.h>

#include "python/sched.h"

static uint64_t
    guarded_in; /* the schedule in which an import or a finaliser was seen: there, look before each switch */

int point_offset(PyFrameObject *frame) {
#if PY_VERSION_HEX >= 0x030B0000
  return PyFrame_GetLasti(frame);
#else
  return frame->f_lasti * (PY_VERSION_HEX >= 0x030A0000 ? 2 : 1);
#endif
}

struct code_info *point_code(PyFrameObject *frame) {
  PyCodeObject *code = PyFrame_GetCode(frame);
  struct code_info *info = code_map_get((PyObject *)code);
  Py_DECREF(code);
  return info;
}

/* Whether a caller is one in which no switch may happen. Rare, hence slow. */
static bool inside_forbidden(PyFrameObject *frame) {
  bool found = false;
  Py_INCREF(frame);
  while (frame && !found) {
    struct code_info *info = point_code(frame);
    found = info->finaliser || info->importer;
    PyFrameObject *back = PyFrame_GetBack(frame);
    Py_DECREF(frame);
    frame = back;
  }
  Py_XDECREF(frame);
  return found;
}

bool point_reached(PyFrameObject *frame, struct code_info *info, int offset) {
  if (__builtin_expect(info->finaliser || info->importer || info->module_body, 0)) {
    guarded_in = sched_schedule_number();
  }
  if (!info->watched) {
    return sched_passed_by();
  }
  if (__builtin_expect(guarded_in == sched_schedule_number(), 0) && inside_forbidden(frame)) {
    return sched_passed_by();
  }
  return sched_point(info, offset);
}
