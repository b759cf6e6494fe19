/* A schedule that is not over after a second of real time is watched: from then on its switch points are counted even
 * where nobody else could run, so that a loop without an end comes to the step limit. */
#ifndef FF_PYTHON_WATCHDOG_H
#define FF_PYTHON_WATCHDOG_H

#include "platform/err.h"

bool watchdog_start(struct err *err);

#endif
