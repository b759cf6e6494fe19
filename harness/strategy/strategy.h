/* Who runs next? (docs/architecture.md)
 *
 * Three methods, after Shuttle's scheduler trait: begin a schedule, choose at each switch point, end it. A strategy
 * never includes Python.h: it sees numbers of threads and the place of the switch point, nothing else.
 * Threading: called by one thread at a time, the one that holds control. */
#ifndef FF_STRATEGY_STRATEGY_H
#define FF_STRATEGY_STRATEGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/registry.h"

#define STRATEGY_STAY (-1) /* the running thread goes on */

struct strategy_point {
  int running;          /* the thread that is at the switch point */
  const bool *runnable; /* for each thread, whether it can run */
  int threads;          /* how many there are */
  uint64_t place;       /* a hash of where in the program the switch point is */
};

struct strategy {
  const char *name;
  const char *summary;
  bool controlled; /* false: the OS decides, and the methods are never called */
  void *(*open)(uint64_t seed);
  bool (*begin)(void *state);                                     /* false: there is no schedule left to try */
  int (*choose)(void *state, const struct strategy_point *point); /* a runnable thread, or STRATEGY_STAY */
  void (*end)(void *state, bool failed);
  void (*close)(void *state);
};

REGISTRY_DECLARE(strategies, struct strategy);

#endif
