/* What orders real threads, told to the listener of sync.h: Lock, RLock and SimpleQueue, on which all else that Python
 * has stands (Condition, Event, Semaphore, Barrier, Queue, Future), and the starts, ends and joins of threads.
 *
 * The interpreter's own functions stay where they are, and so do their types: only the C function behind each is
 * another, which calls the one that was there and tells. While nobody listens a call costs one more comparison.
 *
 * Not told: Event.is_set(), which takes no lock (lift_events.h sees it); locks that only C code takes, SemLock of
 * multiprocessing, and what goes through pipes and sockets. Threads that were started before the installation have no
 * begin and no end. Up to 3.12 the end of a thread is told to the first that joins it or asks is_alive(): for later
 * ones threading reads an attribute. */
#ifndef FF_PYTHON_REAL_SYNC_H
#define FF_PYTHON_REAL_SYNC_H

#include "python/python.h"

#include <stdbool.h>

#include "platform/err.h"

/* For the rest of the process; what is imported, made or held already is seen as well. GIL held, on the main thread,
 * not together with virtual_install(). A second call does nothing. False: a function of this interpreter is not as
 * known, and nothing was changed. */
bool real_sync_install(struct err *err);

#endif
