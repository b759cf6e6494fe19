/* What counts as wrong? (docs/architecture.md)
 *
 * An oracle watches a run and enters what it sees in the ledger. Each is one file. Crash, hang and death of a worker
 * are the driver's to see (campaign/); the oracle `crash` only makes the interpreter say where it was. */
#ifndef FF_ORACLE_ORACLE_H
#define FF_ORACLE_ORACLE_H

#include "python/python.h"

#include "oracle/ledger.h"
#include "platform/registry.h"
#include "python/exception.h"
#include "python/scenario.h"

struct oracle_context {
  struct ledger *ledger;
  const struct sources *sources;
  const struct scenario *scenario;
  const char *scenario_name;
  int records_fd; /* for what must be said from where nothing may be allocated */
  struct quiet_lock *records_lock;
  int stacks_fd;
  const char *reachable;   /* of what is found: "gil" or "bytecode" */
  enum tristate confirmed; /* likewise: on real threads */
};

struct oracle {
  const char *name;
  const char *summary;
  bool (*watch)(const struct oracle_context *context, struct err *err);  /* once, before the first trial; or NULL */
  void (*judge)(const struct oracle_context *context, PyObject *object); /* after each trial, GIL held; or NULL */
};

REGISTRY_DECLARE(oracles, struct oracle);

/* The exception that is set becomes a finding of `actor` and is cleared. GIL held; on any thread. */
void oracle_take_exception(const struct oracle_context *context, const char *actor);

/* The schedule that runs is a deadlock, or does not end; its threads are parked where they are. GIL held. */
void oracle_take_stuck(const struct oracle_context *context, bool hang);

#endif
