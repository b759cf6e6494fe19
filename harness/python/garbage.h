/* Garbage collection between trials. GIL held.
 *
 * Collection stays on inside a trial, as it is in the user's program. What the trials before left behind is
 * collected outside: dead threads and processors of thousands of trials are the harness's litter, no user has them,
 * and up to CPython 3.11 a collection that runs Python code (a weak reference's callback on a dead thread) in the
 * middle of list(d.items()) lets another thread in. */
#ifndef FF_PYTHON_GARBAGE_H
#define FF_PYTHON_GARBAGE_H

#include "platform/err.h"

/* Once, after set-up: what is loaded now is exempt from collection (gc.freeze), so that the collections are quick. */
bool garbage_settle(struct err *err);

/* For schedules, which must not depend on when a collection comes: none but those that are asked for. */
void garbage_disable(void);

/* Between two schedules: collects once enough has piled up. When, depends on the program alone. */
void garbage_collect_some(void);

/* Between two trials. */
void garbage_collect(void);

#endif
