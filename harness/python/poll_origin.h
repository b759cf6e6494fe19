/* Who called a signal handler: the eval loop at its poll, where it may hand over the GIL, or C code that asks for
 * signals (repr(), long arithmetic, a retried system call), where no other thread can get in?
 *
 * Both come by the same function of CPython's, so the answer is one level above it on the C stack. Calibration finds
 * that level, by unwinding from calls of which the origin is known, and the distance on the stack to the return address
 * that it holds; from then on the question costs one load and one comparison. No table of versions. */
#ifndef FF_PYTHON_POLL_ORIGIN_H
#define FF_PYTHON_POLL_ORIGIN_H

#include <stdbool.h>

#include "platform/err.h"

/* `frame`: the handler's own __builtin_frame_address(0). */
bool poll_is_from_eval(const void *frame);

/* Call from the handler while calibrating, with what is known of the call's origin. */
void poll_calibrate(const void *frame, bool from_eval);

/* After at least one call of each origin. */
bool poll_calibrated(struct err *err);

#endif
