/* One trial: a fresh scenario object, its actors on the carrier, the threads that they started, the oracles. */
#ifndef FF_WORKER_TRIAL_H
#define FF_WORKER_TRIAL_H

#include "worker/worker.h"

/* `together` false is the control: one actor after the other, in the order of their definition. GIL held. */
bool trial_run(struct worker *worker, bool together, struct err *err);

#endif
