/* One trial: a fresh scenario object, its actors on the carrier, the threads that they started, the oracles. */
#ifndef FF_WORKER_TRIAL_H
#define FF_WORKER_TRIAL_H

#include "python/actor.h"
#include "worker/worker.h"

/* `together` false is the control: one actor after the other, in the order of their definition. GIL held. */
bool trial_run(struct worker *worker, bool together, struct err *err);

/* The parts of it, for a schedule. A fresh object, prepared for the control where so wanted; NULL: its constructor
 * raised, which is a finding. */
PyObject *trial_object(struct worker *worker, bool control);
/* One for each logical thread; the caller's. `stress`: with stress_calls. */
struct actor_run *trial_actors(struct worker *worker, PyObject *object, size_t *count, bool stress);
void trial_count_calls(struct worker *worker, const struct actor_run *runs, size_t count);
void trial_judge(struct worker *worker, PyObject *object);

#endif
