/* Locks, queues, and what threads are joined by.
 *
 * Letting go is told before it happens: from then on another thread may have it. Only where it will succeed, as an edge
 * that is not there would hide a race: lock.release() raises where the lock is not held, RLock.release() where another
 * thread holds it. With the GIL nobody comes between the question and the release. Each level of an RLock is told,
 * which says no more than the outermost: nobody else can take it in between. */
#include "python/python.h"

#include "python/real_sync_parts.h"
#include "python/sync.h"

typedef PyObject *fast_keywords(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names);
typedef PyObject *of_class(PyObject *self, PyTypeObject *type, PyObject *const *args, size_t count, PyObject *names);

#define FAST_KEYWORDS (METH_FASTCALL | METH_KEYWORDS)
#define OF_CLASS (METH_METHOD | METH_FASTCALL | METH_KEYWORDS)

/* What a method that only asks says. */
static bool says(PyCFunction method, PyObject *self) {
  PyObject *answer = method(self, NULL);
  bool yes = answer == Py_True;
  if (!answer) {
    PyErr_Clear();
  }
  Py_XDECREF(answer);
  return yes;
}

/* False: it was not to be had, at all or in time. */
static PyObject *tell_acquired(PyObject *self, PyObject *result) {
  if (result && result != Py_False) {
    sync_acquired(self);
  }
  return result;
}

/* ---- Lock ----------------------------------------------------------------------------------------------------------
 */

static PyCFunction lock_acquire_original, lock_release_original, lock_locked_original;
static destructor lock_dealloc_original;

static PyObject *lock_acquire(PyObject *self, PyObject *args, PyObject *kwargs) {
  return tell_acquired(self, REAL_SYNC_AS(real_sync_keywords, lock_acquire_original)(self, args, kwargs));
}

static PyObject *lock_release(PyObject *self, PyObject *args) {
  if (sync_listener() && says(lock_locked_original, self)) {
    sync_releasing(self);
  }
  return lock_release_original(self, args);
}

static void lock_dealloc(PyObject *self) {
  sync_gone(self);
  lock_dealloc_original(self);
}

static const struct real_sync_patch lock_patches[] = {
    {"locked", METH_NOARGS, NULL, &lock_locked_original},
    {"acquire", REAL_SYNC_KEYWORDS, REAL_SYNC_FUNCTION(lock_acquire), &lock_acquire_original},
    {"acquire_lock", REAL_SYNC_KEYWORDS, REAL_SYNC_FUNCTION(lock_acquire), &lock_acquire_original},
    {"__enter__", REAL_SYNC_KEYWORDS, REAL_SYNC_FUNCTION(lock_acquire), &lock_acquire_original},
    {"release", METH_NOARGS, lock_release, &lock_release_original},
    {"release_lock", METH_NOARGS, lock_release, &lock_release_original},
    {"__exit__", METH_VARARGS, lock_release, &lock_release_original},
    {NULL, 0, NULL, NULL},
};

/* ---- RLock ---------------------------------------------------------------------------------------------------------
 */

static PyCFunction rlock_acquire_original, rlock_restore_original, rlock_release_original, rlock_save_original,
    rlock_owned_original;
static destructor rlock_dealloc_original;

static PyObject *rlock_acquire(PyObject *self, PyObject *args, PyObject *kwargs) {
  return tell_acquired(self, REAL_SYNC_AS(real_sync_keywords, rlock_acquire_original)(self, args, kwargs));
}

static PyObject *rlock_restore(PyObject *self, PyObject *args) {
  return tell_acquired(self, rlock_restore_original(self, args));
}

static void rlock_tell_releasing(PyObject *self) {
  if (sync_listener() && says(rlock_owned_original, self)) {
    sync_releasing(self);
  }
}

static PyObject *rlock_release(PyObject *self, PyObject *args) {
  rlock_tell_releasing(self);
  return rlock_release_original(self, args);
}

static PyObject *rlock_save(PyObject *self, PyObject *unused) {
  rlock_tell_releasing(self);
  return rlock_save_original(self, unused);
}

static void rlock_dealloc(PyObject *self) {
  sync_gone(self);
  rlock_dealloc_original(self);
}

static const struct real_sync_patch rlock_patches[] = {
    {"_is_owned", METH_NOARGS, NULL, &rlock_owned_original},
    {"acquire", REAL_SYNC_KEYWORDS, REAL_SYNC_FUNCTION(rlock_acquire), &rlock_acquire_original},
    {"__enter__", REAL_SYNC_KEYWORDS, REAL_SYNC_FUNCTION(rlock_acquire), &rlock_acquire_original},
    {"release", METH_NOARGS, rlock_release, &rlock_release_original},
    {"__exit__", METH_VARARGS, rlock_release, &rlock_release_original},
    {"_acquire_restore", METH_VARARGS, rlock_restore, &rlock_restore_original}, /* these two are Condition's */
    {"_release_save", METH_NOARGS, rlock_save, &rlock_save_original},
    {NULL, 0, NULL, NULL},
};

/* ---- SimpleQueue ---------------------------------------------------------------------------------------------------
 */

static PyCFunction put_original, put_nowait_original, get_original, get_nowait_original;
static destructor queue_dealloc_original;

static PyObject *queue_put(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  sync_releasing(self);
  return REAL_SYNC_AS(fast_keywords, put_original)(self, args, count, names);
}

static PyObject *queue_put_nowait(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  sync_releasing(self);
  return REAL_SYNC_AS(fast_keywords, put_nowait_original)(self, args, count, names);
}

/* Unlike a lock's, a False is an item. */
static PyObject *tell_got(PyObject *self, PyObject *item) {
  if (item) {
    sync_acquired(self);
  }
  return item;
}

#if PY_VERSION_HEX >= 0x030A0000
enum { GET = OF_CLASS, GET_NOWAIT = OF_CLASS };

static PyObject *queue_get(PyObject *self, PyTypeObject *type, PyObject *const *args, size_t count, PyObject *names) {
  return tell_got(self, REAL_SYNC_AS(of_class, get_original)(self, type, args, count, names));
}

static PyObject *queue_get_nowait(PyObject *self, PyTypeObject *type, PyObject *const *args, size_t count,
                                  PyObject *names) {
  return tell_got(self, REAL_SYNC_AS(of_class, get_nowait_original)(self, type, args, count, names));
}
#else
enum { GET = FAST_KEYWORDS, GET_NOWAIT = METH_NOARGS };

static PyObject *queue_get(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  return tell_got(self, REAL_SYNC_AS(fast_keywords, get_original)(self, args, count, names));
}

static PyObject *queue_get_nowait(PyObject *self, PyObject *unused) {
  return tell_got(self, get_nowait_original(self, unused));
}
#endif

static void queue_dealloc(PyObject *self) {
  sync_gone(self);
  queue_dealloc_original(self);
}

static const struct real_sync_patch queue_patches[] = {
    {"put", FAST_KEYWORDS, REAL_SYNC_FUNCTION(queue_put), &put_original},
    {"put_nowait", FAST_KEYWORDS, REAL_SYNC_FUNCTION(queue_put_nowait), &put_nowait_original},
    {"get", GET, REAL_SYNC_FUNCTION(queue_get), &get_original},
    {"get_nowait", GET_NOWAIT, REAL_SYNC_FUNCTION(queue_get_nowait), &get_nowait_original},
    {NULL, 0, NULL, NULL},
};

/* ---- what threads are joined by, from 3.13 on ----------------------------------------------------------------------
 */

#if PY_VERSION_HEX >= 0x030D0000
static PyCFunction join_original, is_done_original, set_done_original;
static destructor handle_dealloc_original;

/* It returns None in either case: when the thread has ended, and when it has not in time. */
static PyObject *handle_join(PyObject *self, PyObject *args) {
  PyObject *result = join_original(self, args);
  if (result && sync_listener() && says(is_done_original, self)) {
    sync_acquired(self);
  }
  return result;
}

static PyObject *handle_is_done(PyObject *self, PyObject *unused) {
  return tell_acquired(self, is_done_original(self, unused));
}

static PyObject *handle_set_done(PyObject *self, PyObject *unused) {
  sync_releasing(self);
  return set_done_original(self, unused);
}

static void handle_dealloc(PyObject *self) {
  sync_gone(self);
  handle_dealloc_original(self);
}

static const struct real_sync_patch handle_patches[] = {
    {"join", METH_VARARGS, handle_join, &join_original},
    {"is_done", METH_NOARGS, handle_is_done, &is_done_original},
    {"_set_done", METH_NOARGS, handle_set_done, &set_done_original},
    {NULL, 0, NULL, NULL},
};
#endif

const struct real_sync_owner real_sync_objects[] = {
    {"_thread", "LockType", lock_patches, lock_dealloc, &lock_dealloc_original, false},
    {"_thread", "RLock", rlock_patches, rlock_dealloc, &rlock_dealloc_original, false},
    /* without it the queue module has one in Python, on top of a semaphore */
    {"_queue", "SimpleQueue", queue_patches, queue_dealloc, &queue_dealloc_original, true},
#if PY_VERSION_HEX >= 0x030D0000
    {"_thread", "_ThreadHandle", handle_patches, handle_dealloc, &handle_dealloc_original, false},
#endif
    {NULL, NULL, NULL, NULL, NULL, false},
};
