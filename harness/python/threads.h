/* Threads that the code under test starts itself, by Python's threading. GIL held. */
#ifndef FF_PYTHON_THREADS_H
#define FF_PYTHON_THREADS_H

#include <stdbool.h>

#include "platform/buf.h"
#include "platform/err.h"

/* Waits until the threads that the trial started have ended, at most `seconds` for all. Names those that have not. */
bool threads_join_started(double seconds, struct strlist *outlived, struct err *err);

#endif
