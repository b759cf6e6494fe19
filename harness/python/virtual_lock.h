/* What Lock and RLock share: virtual_lock.c has the plain one and what is common, virtual_rlock.c the other. GIL held.
 */
#ifndef FF_PYTHON_VIRTUAL_LOCK_H
#define FF_PYTHON_VIRTUAL_LOCK_H

#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>

#include "python/virtual.h"

/* One struct for both: a plain lock is owned by nobody. Locks that are held are in a list, so that what a schedule left
 * locked can be found. */
struct lock {
  PyObject_HEAD PyObject *weakrefs;
  unsigned long owner; /* ident; of an RLock that is held */
  unsigned long depth; /* 0: free */
  uint64_t waiters;    /* a bit for each logical thread */
  uint64_t schedule;   /* in which it was taken */
  struct lock *next_held, *previous_held;
};

#define FAST(function) ((PyCFunction)(void (*)(void))(function))

extern PyTypeObject virtual_rlock_type;

void lock_take(struct lock *lock, unsigned long depth);
void lock_let_go(struct lock *lock);
int lock_wait(struct lock *lock, bool blocking, double timeout); /* 1 free, 0 not in time, -1 an exception is set */

/* The arguments of acquire(). False: an exception is set. */
bool lock_parse(PyObject *const *args, Py_ssize_t count, PyObject *names, bool *blocking, double *timeout);

PyObject *lock_acquire(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names);
PyObject *lock_locked(PyObject *self, PyObject *unused);
PyObject *lock_reinit(PyObject *self, PyObject *unused);
PyObject *lock_make(PyTypeObject *type, PyObject *args, PyObject *kwargs);
PyObject *lock_text(PyObject *self);
void lock_free(PyObject *self);

#endif
