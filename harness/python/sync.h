/* What orders threads, told as it happens: locks, queues, starts and joins. Told by virtual_*.c where threads are
 * controlled and by real_sync.c where they are real; listened to by what looks for data races (lift.h).
 *
 * GIL held at each call. A listener runs no Python code, raises nothing, keeps an exception that is set. */
#ifndef FF_PYTHON_SYNC_H
#define FF_PYTHON_SYNC_H

#include "python/python.h"

struct sync_listener {
  void (*acquired)(PyObject *object);  /* the caller has taken it, has got something from it, has seen its end */
  void (*releasing)(PyObject *object); /* the caller is about to let it go, to put something into it */
  void (*gone)(PyObject *object);      /* it is being deallocated: its address may be another's soon */

  void *(*starting)(const char *name); /* the caller is about to start a thread: what the new one is to be handed */
  void (*begun)(void *token);          /* the new thread, before any of its code */
  void (*ended)(void *token);     /* the new thread, behind all of its code; joins were told by releasing() before */
  void (*not_begun)(void *token); /* it could not be started after all, or never got to run */
};

/* NULL: nobody listens any more. Kept by reference. */
void sync_listen(const struct sync_listener *listener);

/* The listener, or NULL. */
const struct sync_listener *sync_listener(void);

static inline void sync_acquired(PyObject *object) {
  const struct sync_listener *listener = sync_listener();
  if (listener) {
    listener->acquired(object);
  }
}

static inline void sync_releasing(PyObject *object) {
  const struct sync_listener *listener = sync_listener();
  if (listener) {
    listener->releasing(object);
  }
}

static inline void sync_gone(PyObject *object) {
  const struct sync_listener *listener = sync_listener();
  if (listener) {
    listener->gone(object);
  }
}

#endif
