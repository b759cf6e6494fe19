/* The standard library's own Python code that orders threads in another way than by its locks. What is told stands for
 * the whole method; locks that it takes inside do not count.
 *
 *   Event.is_set(), wait()   where they answer True, they come after set()
 *   queue.SimpleQueue   its Python version, as explore has it: get() comes after put(), as in the C version, and put()
 *                       not after get(), as its inner lock would have it
 *   Thread.join()       up to 3.12 only the first joiner takes a lock; each comes after the thread's end, and so does
 *                       is_alive() that answers False
 * GIL held. */
#ifndef FF_PYTHON_LIFT_EVENTS_H
#define FF_PYTHON_LIFT_EVENTS_H

#include "python/python.h"

#include "python/code_map.h"
#include "python/observe_plan.h"

struct _PyInterpreterFrame;

/* Whether the code is such a method; remembered in info->orders. */
bool lift_event_orders(const struct code_info *info);

/* Before each instruction of such code, and where an exception leaves it. */
void lift_event_step(struct _PyInterpreterFrame *frame, const struct code_info *info, const struct plan_op *op);
void lift_event_unwind(struct _PyInterpreterFrame *frame);

#endif
