/* Synchronisation that ThreadSanitizer cannot see.
 *
 * What the harness itself orders must not hide a race of the code under test: a pthread mutex or an instrumented
 * atomic would add a happens-before edge. These are raw futexes, and quiet.c is the one file that is never built with
 * -fsanitize=thread (see the Makefile). The twins of `flashflood doctor` prove that it works. */
#ifndef FF_PLATFORM_QUIET_H
#define FF_PLATFORM_QUIET_H

#include <stdint.h>

/* A starting gate: threads arrive and wait, one opener waits for all of them and lets them go at once. Zero it to
 * begin. It opens once. */
struct quiet_gate {
  uint32_t arrived;
  uint32_t open;
};

void quiet_gate_arrive(struct quiet_gate *gate);                  /* returns when the gate is open */
void quiet_gate_open(struct quiet_gate *gate, uint32_t expected); /* returns when `expected` arrived and were let go */

/* A baton: whoever waits goes on when it is passed, once for each pass. Zero it to begin. One waiter. */
struct quiet_baton {
  uint32_t here;
};

void quiet_baton_pass(struct quiet_baton *baton);
void quiet_baton_wait(struct quiet_baton *baton);

/* A mutual exclusion lock, not recursive. Zero it to begin. Safe in a ThreadSanitizer callback. */
struct quiet_lock {
  uint32_t state;
};

void quiet_lock(struct quiet_lock *lock);
void quiet_unlock(struct quiet_lock *lock);

/* The lock, for what belongs to the harness alone: until quiet_leave() ThreadSanitizer looks at nothing that the thread
 * does, for it cannot see what orders it. Without a GIL nothing else does. */
void quiet_enter(struct quiet_lock *lock);
void quiet_leave(struct quiet_lock *lock);

#endif
