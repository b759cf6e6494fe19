/* Shrinking: the fewest switches that still fail the same, then the shortest way there.
 *
 * After Zeller and Hildebrandt's ddmin (TSE 2002), with moves that know what a schedule is: leave out switches, begin
 * with another thread, let a thread run longer before it is stopped, lower what choose() gave. */
#ifndef FF_STRATEGY_SHRINK_H
#define FF_STRATEGY_SHRINK_H

#include "strategy/schedule.h"

/* Runs `candidate` leniently. True: it failed the same way; `actual` (the caller's to free) is what then really
 * happened, and `steps` how many points that took. */
typedef bool shrink_try(void *arg, const struct schedule *candidate, struct schedule *actual, uint64_t *steps);

/* Replaces `schedule` by the smallest found with at most `most_tries` runs. Never worse than it was. Returns the
 * number of runs. */
uint64_t shrink_schedule(struct schedule *schedule, uint64_t steps, uint64_t most_tries, shrink_try *try_it, void *arg);

#endif
