/* Lock and RLock whose waiting is the scheduler's. As CPython's own, a lock that is released is anybody's: all that
 * wait may try again, and the schedule says who is first. */
#include "python/python.h"

#include <structmember.h>

#include "python/embed.h"
#include "python/sched.h"
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

static struct lock held = {.next_held = &held, .previous_held = &held};
static PyTypeObject lock_type, rlock_type;
static virtual_cell_of *cell_of_object;

void virtual_set_cells(virtual_cell_of *cell_of) { cell_of_object = cell_of; }

void virtual_touch(PyObject *object, bool write) {
  if (cell_of_object) {
    sched_touch(cell_of_object(object), write);
  }
}

static void take(struct lock *lock, unsigned long depth) {
  lock->depth = depth;
  lock->owner = sched_ident();
  lock->schedule = sched_inside() ? sched_schedule_number() : 0;
  lock->next_held = held.next_held;
  lock->previous_held = &held;
  held.next_held->previous_held = lock;
  held.next_held = lock;
}

static void let_go(struct lock *lock) {
  lock->depth = 0;
  lock->owner = 0;
  lock->previous_held->next_held = lock->next_held;
  lock->next_held->previous_held = lock->previous_held;
  lock->next_held = lock->previous_held = NULL;
  for (int i = 0; lock->waiters; i++, lock->waiters >>= 1) {
    if (lock->waiters & 1) {
      sched_wake_up(i);
    }
  }
}

/* 1 taken, 0 not in time, -1 an exception is set. */
static int wait_for(struct lock *lock, bool blocking, double timeout) {
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
    int self = sched_current();
    lock->waiters |= (uint64_t)1 << self;
    enum sched_wake woken =
        sched_wait(PyObject_TypeCheck(lock, &rlock_type) ? "RLock" : "lock", (PyObject *)lock, deadline);
    lock->waiters &= ~((uint64_t)1 << self);
    if (woken == SCHED_UNWIND) {
      return -1;
    }
    virtual_touch((PyObject *)lock, true);
    if (lock->depth == 0) {
      return 1;
    }
    if (woken == SCHED_TIMED_OUT) {
      return 0;
    }
  }
}

static bool parse_acquire(PyObject *const *args, Py_ssize_t count, PyObject *names, bool *blocking, double *timeout) {
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

static PyObject *lock_acquire(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  struct lock *lock = (struct lock *)self;
  bool blocking;
  double timeout;
  if (!parse_acquire(args, count, names, &blocking, &timeout)) {
    return NULL;
  }
  int taken = wait_for(lock, blocking, timeout);
  if (taken < 0) {
    return NULL;
  }
  if (taken) {
    take(lock, 1);
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
  let_go(lock);
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

static PyObject *lock_locked(PyObject *self, PyObject *unused) {
  (void)unused;
  virtual_touch(self, false);
  return PyBool_FromLong(((struct lock *)self)->depth > 0);
}

static PyObject *lock_reinit(PyObject *self, PyObject *unused) {
  struct lock *lock = (struct lock *)self;
  (void)unused;
  if (lock->depth) {
    let_go(lock);
  }
  Py_RETURN_NONE;
}

static bool owned(const struct lock *lock) { return lock->depth > 0 && lock->owner == sched_ident(); }

static PyObject *rlock_acquire(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
  struct lock *lock = (struct lock *)self;
  if (owned(lock)) {
    bool blocking;
    double timeout;
    if (!parse_acquire(args, count, names, &blocking, &timeout)) {
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
    let_go(lock);
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
  let_go(lock);
  return state;
}

static PyObject *rlock_acquire_restore(PyObject *self, PyObject *state) {
  unsigned long depth, owner;
  if (!PyArg_ParseTuple(state, "kk:_acquire_restore", &depth, &owner)) {
    return NULL;
  }
  if (wait_for((struct lock *)self, true, -1) < 0) {
    return NULL;
  }
  take((struct lock *)self, depth);
  Py_RETURN_NONE;
}

static PyObject *lock_make(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  (void)args;
  (void)kwargs;
  return type->tp_alloc(type, 0);
}

static void lock_free(PyObject *self) {
  struct lock *lock = (struct lock *)self;
  if (lock->weakrefs) {
    PyObject_ClearWeakRefs(self);
  }
  if (lock->depth) {
    let_go(lock);
  }
  Py_TYPE(self)->tp_free(self);
}

static PyObject *lock_text(PyObject *self) {
  struct lock *lock = (struct lock *)self;
  return PyUnicode_FromFormat("<%s %s object>", lock->depth ? "locked" : "unlocked", Py_TYPE(self)->tp_name);
}

#define FAST(function) ((PyCFunction)(void (*)(void))(function))

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

static PyTypeObject rlock_type = {
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

PyObject *virtual_lock_new(bool locked) {
  PyObject *lock = lock_make(&lock_type, NULL, NULL);
  if (lock && locked) {
    take((struct lock *)lock, 1);
  }
  return lock;
}

void virtual_lock_release(PyObject *lock) {
  if (((struct lock *)lock)->depth) {
    virtual_touch(lock, true);
    let_go((struct lock *)lock);
  }
}

size_t virtual_lock_tidy(void) {
  size_t opened = 0;
  struct lock *next;
  for (struct lock *lock = held.next_held; lock != &held; lock = next) {
    next = lock->next_held;
    if (lock->schedule == sched_schedule_number()) {
      let_go(lock);
      opened++;
    }
  }
  return opened;
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
  bool ok = PyType_Ready(&lock_type) == 0 && PyType_Ready(&rlock_type) == 0 &&
            virtual_replace(thread_module, functions, sizeof functions / sizeof *functions) &&
            PyObject_SetAttrString(thread_module, "LockType", (PyObject *)&lock_type) == 0 &&
            PyObject_SetAttrString(thread_module, "RLock", (PyObject *)&rlock_type) == 0;
#if PY_VERSION_HEX >= 0x030D0000
  ok = ok && PyObject_SetAttrString(thread_module, "lock", (PyObject *)&lock_type) == 0;
#endif
  return ok || embed_error(err, ERR_HARNESS, "cannot replace Python's locks");
}
