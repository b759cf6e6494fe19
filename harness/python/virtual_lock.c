/* Lock and RLock whose waiting is the scheduler's. As CPython's own, a lock that is released is anybody's: all that
 * wait may try again, and the schedule says who is first. */
#include "python/python.h"

#include "python/embed.h"
#include "python/sched.h"
#include "python/sync.h"
#include "python/virtual_lock.h"

static struct lock held = {.next_held = &held, .previous_held = &held};

void lock_take(struct lock *lock, unsigned long depth) {
  lock->depth = depth;
  lock->owner = sched_ident();
  lock->schedule = sched_inside() ? sched_schedule_number() : 0;
  lock->next_held = held.next_held;
  lock->previous_held = &held;
  held.next_held->previous_held = lock;
  held.next_held = lock;
  sync_acquired((PyObject *)lock);
}

void lock_let_go(struct lock *lock) {
  sync_releasing((PyObject *)lock);
  lock->depth = 0;
  lock->owner = 0;
  lock->previous_held->next_held = lock->next_held;
  lock->next_held->previous_held = lock->previous_held;
  lock->next_held = lock->previous_held = NULL;
  virtual_wake_up(&lock->waiters);
}

int lock_wait(struct lock *lock, bool blocking, double timeout) {
  virtual_touch((PyObject *)lock, true);
  if (lock->depth == 0) {
    return 1;
  }
  if (!blocking || (timeout >= 0 && timeout <= 0)) {
    return 0;
  }
  if (!sched_inside()) {
    PyErr_SetString(PyExc_RuntimeError,
                    "a lock that is held was acquired outside the actors (at import, in set-up, in a constructor or in "
                    "an invariant): nobody could release it");
    return -1;
  }
  uint64_t deadline = timeout < 0 ? SCHED_NO_DEADLINE : virtual_deadline(timeout);
  for (;;) {
    const char *what = PyObject_TypeCheck(lock, &virtual_rlock_type) ? "RLock" : "lock";
    enum sched_wake woken = virtual_wait(what, (PyObject *)lock, &lock->waiters, deadline);
    if (woken == SCHED_UNWIND) {
      return -1;
    }
    if (lock->depth == 0) {
      return 1;
    }
    if (woken == SCHED_TIMED_OUT) {
      return 0;
    }
  }
}

bool lock_parse(PyObject *const *args, Py_ssize_t count, PyObject *names, bool *blocking, double *timeout) {
  *blocking = true;
  *timeout = -1;
  Py_ssize_t all = count + (names ? PyTuple_GET_SIZE(names) : 0);
  for (Py_ssize_t i = 0; i < all; i++) {
    bool is_blocking = i == 0;
    if (i >= count) {
      PyObject *name = PyTuple_GET_ITEM(names, i - count);
      is_blocking = PyUnicode_CompareWithASCIIString(name, "blocking") == 0;
      if (!is_blocking && PyUnicode_CompareWithASCIIString(name, "timeout") != 0) {
        PyErr_Format(PyExc_TypeError, "'%U' is an invalid keyword argument for acquire()", name);
        return false;
      }
    }
    if (is_blocking) {
      int truth = PyObject_IsTrue(args[i]);
      *blocking = truth > 0;
      if (truth < 0) {
        return false;
      }
    } else {
      *timeout = PyFloat_AsDouble(args[i]);
      if (PyErr_Occurred()) {
        return false;
      }
    }
  }
  if (!*blocking && (*timeout < -1 || *timeout > -1)) {
    PyErr_SetString(PyExc_ValueError, "can't specify a timeout for a non-blocking call");
    return false;
  }
  if (*timeout < 0 && (*timeout < -1 || *timeout > -1)) {
    PyErr_SetString(PyExc_ValueError, "timeout value must be a non-negative number");
    return false;
  }
  return true;
}

PyObject *lock_acquire(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  struct lock *lock = (struct lock *)self;
  bool blocking;
  double timeout;
  if (!lock_parse(args, count, names, &blocking, &timeout)) {
    return NULL;
  }
  int taken = lock_wait(lock, blocking, timeout);
  if (taken < 0) {
    return NULL;
  }
  if (taken) {
    lock_take(lock, 1);
  }
  return PyBool_FromLong(taken);
}

static PyObject *lock_release(PyObject *self, PyObject *unused) {
  struct lock *lock = (struct lock *)self;
  (void)unused;
  virtual_touch(self, true);
  if (lock->depth == 0) {
    PyErr_SetString(PyExc_RuntimeError, "release unlocked lock");
    return NULL;
  }
  lock_let_go(lock);
  Py_RETURN_NONE;
}

static PyObject *lock_enter(PyObject *self, PyObject *unused) {
  (void)unused;
  return lock_acquire(self, NULL, 0, NULL);
}

static PyObject *lock_exit(PyObject *self, PyObject *const *args, Py_ssize_t count) {
  (void)args;
  (void)count;
  return lock_release(self, NULL);
}

PyObject *lock_locked(PyObject *self, PyObject *unused) {
  (void)unused;
  virtual_touch(self, false);
  return PyBool_FromLong(((struct lock *)self)->depth > 0);
}

PyObject *lock_reinit(PyObject *self, PyObject *unused) {
  struct lock *lock = (struct lock *)self;
  (void)unused;
  if (lock->depth) {
    lock_let_go(lock);
  }
  Py_RETURN_NONE;
}

PyObject *lock_make(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  (void)args;
  (void)kwargs;
  return type->tp_alloc(type, 0);
}

void lock_free(PyObject *self) {
  struct lock *lock = (struct lock *)self;
  if (lock->weakrefs) {
    PyObject_ClearWeakRefs(self);
  }
  if (lock->depth) {
    lock_let_go(lock);
  }
  sync_gone(self);
  Py_TYPE(self)->tp_free(self);
}

PyObject *lock_text(PyObject *self) {
  struct lock *lock = (struct lock *)self;
  return PyUnicode_FromFormat("<%s %s object>", lock->depth ? "locked" : "unlocked", Py_TYPE(self)->tp_name);
}

static PyMethodDef lock_methods[] = {
    {"acquire", FAST(lock_acquire), METH_FASTCALL | METH_KEYWORDS, "Acquire the lock; True where that succeeded."},
    {"acquire_lock", FAST(lock_acquire), METH_FASTCALL | METH_KEYWORDS, "An older name of acquire()."},
    {"release", lock_release, METH_NOARGS, "Release the lock."},
    {"release_lock", lock_release, METH_NOARGS, "An older name of release()."},
    {"locked", lock_locked, METH_NOARGS, "Whether it is held."},
    {"locked_lock", lock_locked, METH_NOARGS, "An older name of locked()."},
    {"__enter__", lock_enter, METH_NOARGS, NULL},
    {"__exit__", FAST(lock_exit), METH_FASTCALL, NULL},
    {"_at_fork_reinit", lock_reinit, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject lock_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "_thread.lock",
    .tp_basicsize = sizeof(struct lock),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "A lock whose waiting is flashflood's scheduler's.",
    .tp_new = lock_make,
    .tp_dealloc = lock_free,
    .tp_repr = lock_text,
    .tp_methods = lock_methods,
    .tp_weaklistoffset = offsetof(struct lock, weakrefs),
};

PyObject *virtual_lock_new(bool locked) {
  PyObject *lock = lock_make(&lock_type, NULL, NULL);
  if (lock && locked) {
    lock_take((struct lock *)lock, 1);
  }
  return lock;
}

void virtual_lock_release(PyObject *lock) {
  if (((struct lock *)lock)->depth) {
    virtual_touch(lock, true);
    lock_let_go((struct lock *)lock);
  }
}

void virtual_lock_tidy(void) {
  struct lock *next;
  for (struct lock *lock = held.next_held; lock != &held; lock = next) {
    next = lock->next_held;
    if (lock->schedule == sched_schedule_number()) {
      lock_let_go(lock);
    }
  }
}

static PyObject *allocate_lock(PyObject *self, PyObject *unused) {
  (void)self;
  (void)unused;
  return virtual_lock_new(false);
}

static PyMethodDef functions[] = {
    {"allocate_lock", allocate_lock, METH_NOARGS, "A new lock."},
    {"allocate", allocate_lock, METH_NOARGS, "An older name of allocate_lock()."},
};

bool virtual_lock_install(PyObject *thread_module, struct err *err) {
  bool ok = PyType_Ready(&lock_type) == 0 && PyType_Ready(&virtual_rlock_type) == 0 &&
            virtual_replace(thread_module, functions, sizeof functions / sizeof *functions) &&
            PyObject_SetAttrString(thread_module, "LockType", (PyObject *)&lock_type) == 0 &&
            PyObject_SetAttrString(thread_module, "RLock", (PyObject *)&virtual_rlock_type) == 0;
#if PY_VERSION_HEX >= 0x030D0000
  ok = ok && PyObject_SetAttrString(thread_module, "lock", (PyObject *)&lock_type) == 0;
#endif
  return ok || embed_error(err, ERR_HARNESS, "cannot replace Python's locks");
}
