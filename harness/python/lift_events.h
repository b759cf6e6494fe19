/* threading.Event orders threads by a plain attribute, read without a lock: is_set() that answers True comes after
 * set(). The one place where the standard library does so; its other classes stand on locks. GIL held. */
#ifndef FF_PYTHON_LIFT_EVENTS_H
#define FF_PYTHON_LIFT_EVENTS_H

#include "python/python.h"

#include "python/code_map.h"
#include "python/observe_plan.h"

enum lift_orders { LIFT_ORDERS_UNKNOWN, LIFT_ORDERS_NOT, LIFT_ORDERS };

/* Whether the code is such a method; remembered in info->orders. */
bool lift_event_orders(const struct code_info *info);

/* Before each instruction of such code. */
void lift_event_step(struct _PyInterpreterFrame *frame, const struct code_info *info, const struct plan_op *op);

#endif
