/* Where may control move from one thread to another? (docs/architecture.md)
 *
 * `free` leaves it to the operating system and the interpreter; controlled kinds of switch points call the strategy. */
#ifndef FF_PYTHON_POINTS_H
#define FF_PYTHON_POINTS_H

#include "platform/err.h"
#include "platform/registry.h"

struct switch_points {
  const char *name;
  const char *summary;
  /* Before each trial, GIL held. `interval`: seconds between the interpreter's requests to hand over the GIL. */
  bool (*begin)(double interval, struct err *err);
};

REGISTRY_DECLARE(points, struct switch_points);

#endif
