/* The Python stack as places of tsan/places.h. GIL held; runs no Python code. */
#ifndef FF_PYTHON_LIFT_STACK_H
#define FF_PYTHON_LIFT_STACK_H

#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>

struct _PyInterpreterFrame;

/* The stack that ends in that frame, or in the frame that runs (NULL). 0: no Python code runs. */
uint32_t lift_stack(struct _PyInterpreterFrame *frame);

/* Whether the frame is of the code under test and no caller of it is. */
bool lift_is_outermost(struct _PyInterpreterFrame *frame);

#endif
