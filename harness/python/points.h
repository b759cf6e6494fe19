/* Where may control move from one thread to another? (docs/architecture.md)
 *
 * `free` leaves it to the operating system and the interpreter; controlled kinds of switch points tell the scheduler
 * (sched_point) when a logical thread is at one. */
#ifndef FF_PYTHON_POINTS_H
#define FF_PYTHON_POINTS_H

#include <stdbool.h>

#include "platform/err.h"
#include "platform/registry.h"

struct switch_points {
  const char *name;
  const char *summary;

  /* Free: before each trial, GIL held. `interval`: seconds between the interpreter's requests to hand over the GIL. */
  bool (*begin)(double interval, struct err *err);

  /* Controlled, all with the GIL held. */
  bool (*open)(struct err *err); /* once */
  void (*arm)(void);             /* the scheduler wants to be told of the next point (again) */
  void (*thread_ready)(void);    /* on each logical thread, before it runs; or NULL */
};

REGISTRY_DECLARE(points, struct switch_points);

#endif
