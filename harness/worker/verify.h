/* --verify: each schedule is run a second time from its record, and must come out the same. */
#ifndef FF_WORKER_VERIFY_H
#define FF_WORKER_VERIFY_H

#include "worker/explore.h"

struct verify {
  uint64_t again;    /* schedules that were run twice */
  uint64_t diverged; /* of them */
  char *how;         /* what was different in the first of these */
};

/* Right after a schedule. `found`: the number of findings in it. */
bool verify_last(struct worker *worker, struct verify *verify, uint64_t found, struct err *err);

/* Tells the driver. `why`: the reason not to call the run a pass, where there is one; the caller's. */
void verify_tell(struct worker *worker, struct verify *verify, char **why);

#endif
