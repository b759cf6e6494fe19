/* Virtual threading and time: `_thread` and `time` as a controlled schedule needs them, put in place before anything
 * else imports them. Locks, thread starts, joins and sleeps are the scheduler's; no wall time passes.
 *
 * threading, queue, concurrent.futures and logging are the standard library's own, on top of these. Outside a schedule
 * (at import, in set-up and constructors) the same objects work as long as nobody would have to wait. */
#ifndef FF_PYTHON_VIRTUAL_H
#define FF_PYTHON_VIRTUAL_H

#include "python/python.h"

#include <stdint.h>

#include "platform/err.h"
#include "python/sched.h"

/* Once, after embed_start() and before any import of a module that takes a lock. */
bool virtual_install(struct err *err);

/* After each schedule: locks that its threads left locked are opened, threading forgets its threads, its counter of
 * names starts anew. */
void virtual_tidy(void);

/* ---- between virtual_*.c -------------------------------------------------------------------------------------------
 */

/* Puts functions in the place of the module's own of the same names. They keep its name as their __module__. */
bool virtual_replace(PyObject *module, PyMethodDef *functions, size_t count);

bool virtual_lock_install(PyObject *thread_module, struct err *err);
bool virtual_thread_install(PyObject *thread_module, struct err *err);
bool virtual_time_install(struct err *err);
void virtual_lock_tidy(void);
void virtual_thread_tidy(void);

/* From 3.13 on: what threading joins a thread by. */
bool virtual_handle_install(PyObject *thread_module);
void virtual_handle_set_done(PyObject *handle);

/* Starts a logical thread that calls the function; takes a reference of each, `kwargs` and `handle` may be NULL.
 * `daemon`: what threading.Thread says where it is NULL. Its number, or -1 with an exception set. */
int virtual_start(PyObject *function, PyObject *args, PyObject *kwargs, PyObject *handle, PyObject *daemon);

/* A new lock; acquired if so wanted. NULL with an exception set. */
PyObject *virtual_lock_new(bool locked);
void virtual_lock_release(PyObject *lock); /* of that type, and locked */

/* The running thread waits for an object among its waiters, a bit for each logical thread. Waiting, and what ends it,
 * writes the object. */
enum sched_wake virtual_wait(const char *what, PyObject *object, uint64_t *waiters, uint64_t deadline);

/* Lets those run that wait. */
void virtual_wake_up(uint64_t *waiters);

/* A timeout in seconds as a deadline; SCHED_NO_DEADLINE for one that is far away. */
uint64_t virtual_deadline(double seconds);

/* The cell of a whole object for sched_touch(); 0 while nobody observes. */
typedef uint64_t virtual_cell_of(PyObject *object);
void virtual_set_cells(virtual_cell_of *cell_of);
void virtual_touch(PyObject *object, bool write);

#endif
