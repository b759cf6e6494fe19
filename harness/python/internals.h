/* The few things of the interpreter that have no public name. internals.c is the one file that sees CPython's internal
 * headers. GIL held. */
#ifndef FF_PYTHON_INTERNALS_H
#define FF_PYTHON_INTERNALS_H

#include "python/python.h"

#include <stdbool.h>

/* After PyThreadState_Swap(): what PyGILState_Ensure() looks up for this OS thread follows. */
void internals_follow(PyThreadState *tstate);

/* From here on the calling OS thread is the one that runs signal handlers. For the one that holds control, GIL or not.
 */
void internals_become_main_thread(void);

/* A signal that was tripped is seen by the eval loop of this thread state too (3.13 tells the main one only, before
 * that only the OS thread that tripped it knows). From any OS thread, without the GIL. */
void internals_break_eval(PyThreadState *tstate);

/* Forgets what a logical thread left in its thread state: thread-local values and contextvars. False: it cannot be
 * made as new, and has to be replaced. */
bool internals_wipe(PyThreadState *tstate);

void internals_set_ident(PyThreadState *tstate, unsigned long ident);

#endif
