/* A place that a kind of switch points has come to: whether control may move there. GIL held, on a logical thread. */
#ifndef FF_PYTHON_POINT_H
#define FF_PYTHON_POINT_H

#include "python/python.h"

#include "python/code_map.h"

struct code_info *point_code(PyFrameObject *frame);
int point_offset(PyFrameObject *frame); /* of the instruction, in bytes */

/* Tells the scheduler, unless the code is not watched, or a __del__ or the import system is among the callers. False:
 * the thread is being unwound, an exception is set. */
bool point_reached(PyFrameObject *frame, struct code_info *info, int offset);

#endif
