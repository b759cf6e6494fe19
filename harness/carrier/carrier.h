/* What carries a logical thread? (docs/architecture.md)
 *
 * A carrier starts bodies together, lets them run, and returns when all have ended. It knows nothing of Python: a
 * body brings what it needs in `arg`. */
#ifndef FF_CARRIER_CARRIER_H
#define FF_CARRIER_CARRIER_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/err.h"
#include "platform/registry.h"

/* One logical thread. All three are called on its carrier, in this order; `run` of no body begins before `prepare` of
 * every body has returned. */
struct carrier_body {
  void (*prepare)(void *arg);
  void (*run)(void *arg);
  void (*finish)(void *arg);
  void *arg;
};

struct carrier {
  const char *name;
  const char *summary;
  /* Runs all bodies to their ends. The caller holds no lock that a body needs. False: not all could be started, and
   * none ran. */
  bool (*run)(const struct carrier_body *bodies, size_t count, struct err *err);
};

REGISTRY_DECLARE(carriers, struct carrier);

#endif
