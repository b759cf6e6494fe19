/* What carries a logical thread? (docs/architecture.md)
 *
 * A carrier knows nothing of Python: a body brings what it needs in `arg`. It offers one or both of two services:
 *
 *   run        bodies together, free, to their ends: stress
 *   strands    one of them runs, all others are parked, and the running one hands over to another by name: explore */
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

/* A parked or running flow of control. Strands live until the process ends: they are few, and used again and again. */
struct strand;

struct carrier {
  const char *name;
  const char *summary;

  /* Runs all bodies to their ends. The caller holds no lock that a body needs. False: not all could be started, and
   * none ran. NULL: not offered. */
  bool (*run)(const struct carrier_body *bodies, size_t count, struct err *err);

  /* The strand of the caller, which is running. */
  struct strand *(*adopt)(struct err *err);
  /* A parked strand; when first handed control it calls body(arg), which must not return. */
  struct strand *(*start)(void (*body)(void *arg), void *arg, struct err *err);
  /* Parks `from`, the caller, and lets `to` go on. Returns when somebody hands over to `from`. */
  void (*hand_over)(struct strand *from, struct strand *to);
  /* Whether all strands run on the OS thread that adopted the first one. */
  bool one_os_thread;
};

REGISTRY_DECLARE(carriers, struct carrier);

#endif
