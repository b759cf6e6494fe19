/* The parts of opcode_events.c: opcode_monitoring.c for 3.12 and later, opcode_trace.c for 3.11. One of them is
 * compiled to something. GIL held. */
#ifndef FF_PYTHON_OPCODE_EVENTS_PARTS_H
#define FF_PYTHON_OPCODE_EVENTS_PARTS_H

#include "python/opcode_events.h"

#define OPCODE_EVENTS_BY_TRACE (PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000)
#define OPCODE_EVENTS_BY_MONITORING (PY_VERSION_HEX >= 0x030C0000 && PY_VERSION_HEX < 0x030E0000)

enum {
  WANTED_BY_OBSERVER = 1,
  WANTED_BY_POINTS = 2,
  WANTED = WANTED_BY_OBSERVER | WANTED_BY_POINTS,
  JUDGED = 4,
  INSTRUMENTED = 8,
};

struct opcode_events {
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
};

extern struct opcode_events opcode_events;

/* Has events come, and judges all code that is known. Of the version's part. */
bool opcode_events_install(struct err *err);

/* Asks who listens about the code. */
void opcode_events_judge(struct code_info *info);

/* Asks anew about all code that is known, if who asks has changed. */
void opcode_events_judge_all(void (*each)(struct code_info *info));

/* Tells who listens of one instruction. `object`: the frame's, or NULL where it is yet to be made. */
static inline bool opcode_events_dispatch(struct _PyInterpreterFrame *frame, PyFrameObject *object,
                                          struct code_info *info, int offset) {
  uint8_t who = info->events & opcode_events.active;
  if (!who || offset <= info->body ||
      (unsigned char)PyBytes_AS_STRING(info->bytes)[offset] == (unsigned char)opcode_events.resume) {
    return true;
  }
  if (who == WANTED_BY_OBSERVER) {
    opcode_events.observer.arrive(frame, info, offset);
    opcode_events.observer.observe(frame, info, offset);
    return true;
  }
  if (who & WANTED_BY_OBSERVER) {
    opcode_events.observer.arrive(frame, info, offset);
  }
  if (!opcode_events.callback(object ? object : PyEval_GetFrame(), info, offset)) {
    return false;
  }
  if (who & opcode_events.active & WANTED_BY_OBSERVER) {
    opcode_events.observer.observe(frame, info, offset);
  }
  return true;
}

#endif
