#include "python/python.h"

#include "python/opcode_events_parts.h"

struct opcode_events opcode_events;

void opcode_events_judge(struct code_info *info) {
  uint8_t wanted = JUDGED | (info->events & INSTRUMENTED);
  if (opcode_events.points_want && opcode_events.points_want(info)) {
    wanted |= WANTED_BY_POINTS;
  }
  if (opcode_events.observer_wants && opcode_events.observer_wants(info)) {
    wanted |= WANTED_BY_OBSERVER;
  }
  info->events = wanted;
}

void opcode_events_judge_all(void (*each)(struct code_info *info)) {
  if (opcode_events.stale || opcode_events.judged_by[0] != opcode_events.points_want ||
      opcode_events.judged_by[1] != opcode_events.observer_wants) {
    opcode_events.stale = false;
    opcode_events.judged_by[0] = opcode_events.points_want;
    opcode_events.judged_by[1] = opcode_events.observer_wants;
    code_map_each(each);
  }
}

static bool begin(uint8_t who, struct err *err) {
  opcode_events.resume = code_map_opcode("RESUME");
  uint8_t before = opcode_events.active;
  opcode_events.active |= who;
  if (!opcode_events_install(err)) {
    opcode_events.active = before;
    return false;
  }
  return true;
}

static void end(uint8_t who) {
  opcode_events.active &= (uint8_t)~who;
  if (!opcode_events.active && opcode_events.installed) {
    opcode_events_thread();
  }
}

void opcode_events_tell_entries(void (*entered)(PyFrameObject *frame)) { opcode_events.entered = entered; }

bool opcode_events_start(opcode_wanted *wanted, opcode_callback *callback, struct err *err) {
  opcode_events.points_want = wanted;
  opcode_events.callback = callback;
  return begin(WANTED_BY_POINTS, err);
}

void opcode_events_stop(void) { end(WANTED_BY_POINTS); }

bool opcode_events_observe(opcode_wanted *wanted, const struct opcode_observer *observer, struct err *err) {
  opcode_events.observer_wants = wanted;
  opcode_events.observer = *observer;
  return begin(WANTED_BY_OBSERVER, err);
}

void opcode_events_observe_stop(void) { end(WANTED_BY_OBSERVER); }

#if !OPCODE_EVENTS_BY_TRACE && !OPCODE_EVENTS_BY_MONITORING

bool opcode_events_install(struct err *err) {
  return err_set(err, ERR_USAGE, "instruction events need CPython 3.11, 3.12 or 3.13, and this is CPython %s",
                 PY_VERSION);
}

void opcode_events_thread(void) {}
void opcode_events_uninstall(void) {}
void opcode_events_prime(PyObject *module_or_dict) { (void)module_or_dict; }

#endif
