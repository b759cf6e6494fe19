#include "python/python.h"

#include "python/lift_events.h"

#include <string.h>

#include "python/frame_peek.h"
#include "python/lift.h"
#include "python/lift_cells.h"
#include "python/sync.h"

/* When self is told of, and how. */
enum how {
  NOT = 1, /* info->orders is 0 until it is asked for */
  RELEASES_FIRST,
  ACQUIRES_LAST,
  ACQUIRES_IF_TRUE,
  ACQUIRES_IF_FALSE,
  ACQUIRES_WITHOUT_TIMEOUT, /* its second argument is None */
};

static const struct method {
  const char *file, *function;
  enum how how;
} methods[] = {
    {"threading.py", "Event.set", RELEASES_FIRST},
    {"threading.py", "Event.is_set", ACQUIRES_IF_TRUE},
    {"threading.py", "Event.wait", ACQUIRES_IF_TRUE},
    {"threading.py", "Thread._delete", RELEASES_FIRST}, /* what a thread does last */
    {"threading.py", "Thread.join", ACQUIRES_WITHOUT_TIMEOUT},
    {"threading.py", "Thread.is_alive", ACQUIRES_IF_FALSE},
    {"queue.py", "_PySimpleQueue.put", RELEASES_FIRST},
    {"queue.py", "_PySimpleQueue.get", ACQUIRES_LAST},
};

static bool is_in(const struct code_info *info, const char *name) {
  size_t length = info->file ? strlen(info->file) : 0, wanted = strlen(name);
  const char *end = length > wanted ? info->file + length - wanted : NULL;
  return end && end[-1] == '/' && strcmp(end, name) == 0;
}

bool lift_event_orders(const struct code_info *info) {
  if (!info->orders) {
    enum how how = NOT;
    for (size_t i = 0; info->function && i < sizeof methods / sizeof *methods; i++) {
      if (strcmp(info->function, methods[i].function) == 0 && is_in(info, methods[i].file)) {
        how = methods[i].how;
      }
    }
    code_map_get(info->code)->orders = (uint8_t)how;
  }
  return info->orders != NOT;
}

/* Its address must not become another's while it counts. */
static void keep(PyObject *object) { lift_cell_of(object, LIFT_CONTENT, NULL, 0); }

static bool acquires(enum how how, const struct frame_view *view, const struct plan_op *op) {
  PyObject *result = op->depth > 0 ? view->stack[op->depth - 1] : NULL;
  return how == ACQUIRES_LAST || (how == ACQUIRES_IF_TRUE && result == Py_True) ||
         (how == ACQUIRES_IF_FALSE && result == Py_False) ||
         (how == ACQUIRES_WITHOUT_TIMEOUT && view->locals[1] == Py_None);
}

void lift_event_step(struct _PyInterpreterFrame *frame, const struct code_info *info, const struct plan_op *op) {
  struct frame_view view;
  if (lift_thread() < 0 || (lift_muted_by() && lift_muted_by() != frame)) {
    return;
  }
  frame_peek(frame, &view);
  PyObject *self = view.locals[0];
  if (!lift_muted_by()) {
    if (self && info->orders == RELEASES_FIRST) {
      keep(self);
      sync_releasing(self);
    }
    lift_mute(frame);
  }
  if (op->kind == PLAN_LEAVE) {
    lift_mute(NULL);
    if (self && acquires((enum how)info->orders, &view, op)) {
      keep(self);
      sync_acquired(self);
    }
  }
}

void lift_event_unwind(struct _PyInterpreterFrame *frame) {
  if (lift_muted_by() == frame) {
    lift_mute(NULL);
  }
}
