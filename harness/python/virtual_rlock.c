/* RLock: a lock that its owner may take again. */
#include "python/python.h"

#include "python/sched.h"
#include "python/virtual_lock.h"

static bool owned(const struct lock *lock) { return lock->depth > 0 && lock->owner == sched_ident(); }

static PyObject *rlock_acquire(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  struct lock *lock = (struct lock *)self;
  if (owned(lock)) {
    bool blocking;
    double timeout;
    if (!lock_parse(args, count, names, &blocking, &timeout)) {
      return NULL;
    }
    lock->depth++;
    Py_RETURN_TRUE;
  }
  return lock_acquire(self, args, count, names);
}

static PyObject *rlock_release(PyObject *self, PyObject *unused) {
  struct lock *lock = (struct lock *)self;
  (void)unused;
  if (!owned(lock)) {
    PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
    return NULL;
  }
  virtual_touch(self, true);
  if (lock->depth == 1) {
    lock_let_go(lock);
  } else {
    lock->depth--;
  }
  Py_RETURN_NONE;
}

static PyObject *rlock_enter(PyObject *self, PyObject *unused) {
  (void)unused;
  return rlock_acquire(self, NULL, 0, NULL);
}

static PyObject *rlock_exit(PyObject *self, PyObject *const *args, Py_ssize_t count) {
  (void)args;
  (void)count;
  return rlock_release(self, NULL);
}

static PyObject *rlock_is_owned(PyObject *self, PyObject *unused) {
  (void)unused;
  return PyBool_FromLong(owned((struct lock *)self));
}

static PyObject *rlock_count(PyObject *self, PyObject *unused) {
  (void)unused;
  return PyLong_FromUnsignedLong(owned((struct lock *)self) ? ((struct lock *)self)->depth : 0);
}

/* For threading.Condition: gives the lock up whatever its depth, and takes it again as it was. */
static PyObject *rlock_release_save(PyObject *self, PyObject *unused) {
  struct lock *lock = (struct lock *)self;
  (void)unused;
  if (lock->depth == 0) {
    PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
    return NULL;
  }
  PyObject *state = Py_BuildValue("kk", lock->depth, lock->owner);
  virtual_touch(self, true);
  lock_let_go(lock);
  return state;
}

static PyObject *rlock_acquire_restore(PyObject *self, PyObject *state) {
  unsigned long depth, owner;
  if (!PyArg_ParseTuple(state, "kk:_acquire_restore", &depth, &owner)) {
    return NULL;
  }
  if (lock_wait((struct lock *)self, true, -1) < 0) {
    return NULL;
  }
  lock_take((struct lock *)self, depth);
  Py_RETURN_NONE;
}

static PyMethodDef rlock_methods[] = {
    {"acquire", FAST(rlock_acquire), METH_FASTCALL | METH_KEYWORDS, "Acquire the lock; True where that succeeded."},
    {"release", rlock_release, METH_NOARGS, "Release the lock."},
    {"locked", lock_locked, METH_NOARGS, "Whether it is held."},
    {"__enter__", rlock_enter, METH_NOARGS, NULL},
    {"__exit__", FAST(rlock_exit), METH_FASTCALL, NULL},
    {"_is_owned", rlock_is_owned, METH_NOARGS, NULL},
    {"_recursion_count", rlock_count, METH_NOARGS, NULL},
    {"_release_save", rlock_release_save, METH_NOARGS, NULL},
    {"_acquire_restore", rlock_acquire_restore, METH_O, NULL},
    {"_at_fork_reinit", lock_reinit, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject virtual_rlock_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "_thread.RLock",
    .tp_basicsize = sizeof(struct lock),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "A reentrant lock whose waiting is flashflood's scheduler's.",
    .tp_new = lock_make,
    .tp_dealloc = lock_free,
    .tp_repr = lock_text,
    .tp_methods = rlock_methods,
    .tp_weaklistoffset = offsetof(struct lock, weakrefs),
};
