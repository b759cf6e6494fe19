/* --resume: where an exhaustive search is, kept in a file from run to run. */
#ifndef FF_WORKER_RESUME_H
#define FF_WORKER_RESUME_H

#include "worker/worker.h"

/* Goes on where the file says, if there is one. Errors: it is of another scenario, target, Python or of other options.
 */
bool resume_load(const struct worker *worker, void *state, struct err *err);

/* Keeps where it is; `now` false: only when the last time was some seconds ago. */
bool resume_save(struct worker *worker, const void *state, bool now, struct err *err);

#endif
