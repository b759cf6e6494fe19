#include "python/python.h"

#include "python/lift_events.h"

#include <string.h>

#include "python/frame_peek.h"
#include "python/lift.h"
#include "python/lift_cells.h"
#include "python/sync.h"

static bool judge(const struct code_info *info) {
  const char *file = info->file, *function = info->function;
  size_t length = file ? strlen(file) : 0;
  static const char NAME[] = "threading.py";
  bool threading = length >= sizeof NAME - 1 && strcmp(file + length - (sizeof NAME - 1), NAME) == 0;
  return threading && function && (strcmp(function, "Event.set") == 0 || strcmp(function, "Event.is_set") == 0);
}

bool lift_event_orders(const struct code_info *info) {
  if (info->orders == LIFT_ORDERS_UNKNOWN) {
    code_map_get(info->code)->orders = judge(info) ? LIFT_ORDERS : LIFT_ORDERS_NOT;
  }
  return info->orders == LIFT_ORDERS;
}

/* Its address must not become another's while it counts. */
static void keep(PyObject *event) { lift_cell_of(event, LIFT_CONTENT, NULL, 0); }

void lift_event_step(struct _PyInterpreterFrame *frame, const struct code_info *info, const struct plan_op *op) {
  struct frame_view view;
  bool sets = strcmp(info->function, "Event.set") == 0;
  if (lift_thread() < 0) {
    return;
  }
  frame_peek(frame, &view);
  PyObject *event = view.locals[0];
  if (sets && op->kind == PLAN_STORE_ATTR && event) {
    keep(event);
    sync_releasing(event);
  } else if (!sets && op->kind == PLAN_LEAVE && event && op->depth > 0 && view.stack[op->depth - 1] == Py_True) {
    keep(event);
    sync_acquired(event);
  }
}
