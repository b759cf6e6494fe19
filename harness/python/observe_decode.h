/* Instructions and their operands: which access each is. */
#ifndef FF_PYTHON_OBSERVE_DECODE_H
#define FF_PYTHON_OBSERVE_DECODE_H

#include "python/frame_peek.h"
#include "python/observe_plan.h"

/* op->depth is known. */
void decode(const struct plan_op *op, const struct frame_view *view);

#endif
