/* All schedules with up to K preemptions, K = 0, 1, 2, …, each once.
 *
 * After Musuvathi and Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded Programs", PLDI 2007,
 * and CHESS, OSDI 2008. A work list holds, for each schedule still to be run, where it deviates from the default
 * choice. Running one finds the next: at each choice after its last deviation, every other thread is one; of the same
 * level where it costs no preemption, else of the next.
 *
 * Threading: one thread at a time. */
#ifndef FF_STRATEGY_BOUNDED_H
#define FF_STRATEGY_BOUNDED_H

#include "platform/buf.h"
#include "strategy/conflicts.h"
#include "strategy/strategy.h"
#include "strategy/worklist.h"

struct bounded {
  bool no_reduction;
  int64_t last_level; /* or STRATEGY_NO_BOUND */
  int64_t level;
  int64_t completed;  /* the highest level all of whose schedules were run; -1: none */
  bool complete;      /* every schedule at all */
  bool over;          /* nothing left to run */
  bool diverged;      /* the same choices did not lead to the same choices: nothing can be claimed */
  bool more;          /* of the level after the last one there would be some */
  uint64_t runs;      /* schedules in all */
  uint64_t runs_here; /* of this level, since it was last begun */
  struct worklist here, next;
  struct conflicts conflicts;
  struct trace trace;

  /* The schedule that runs. */
  struct deviation *deviations;
  size_t count, cap, at;
  struct buf item; /* it, in bytes */
  uint64_t index;  /* the choice that comes next */
  bool in_schedule;
  size_t here_before, next_before; /* bytes that the lists had when it began */
  bool more_before;
};

void bounded_init(struct bounded *bounded, int64_t last_level, bool no_reduction);
bool bounded_begin(struct bounded *bounded); /* false: there is none left */
struct strategy_choice bounded_choose(struct bounded *bounded, const struct strategy_point *point);
uint64_t bounded_choose_number(struct bounded *bounded, uint64_t bound);
void bounded_end(struct bounded *bounded);
void bounded_free(struct bounded *bounded);

double bounded_done(const struct bounded *bounded); /* the part of the running level */

#endif
