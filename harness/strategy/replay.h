/* What became of a replayed schedule; the strategy `replay` itself is in replay.c. */
#ifndef FF_STRATEGY_REPLAY_H
#define FF_STRATEGY_REPLAY_H

#include "strategy/strategy.h"

struct replay_status {
  size_t followed;    /* switches that were made as written */
  bool diverged;      /* one could not be: the thread ended or waited before it, or the next could not run */
  size_t diverged_at; /* which, from 0 */
  bool never_there;   /* no point of its thread was at its function and line at all, or no thread has its name */
  char why[300];      /* a sentence, where it diverged */
};

/* Of the schedule that ended last, in a strategy opened as "replay". After a divergence the default choice is made. */
void replay_status(const void *state, struct replay_status *status);

/* Tells the strategy the name of a thread when it is created. */
void replay_name_thread(void *state, int thread, const char *name);

/* With it set, a switch that cannot be made is left out and the next one is tried (for shrinking). */
void replay_set_lenient(void *state, bool lenient);

#endif
