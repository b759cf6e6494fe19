/* The fewest preemptions: what shrinking took out one by one may still not be least. Most races need but one, so the
 * schedules with up to one are searched, all of them where there are not too many. */
#include "python/python.h"

#include <string.h>

#include "worker/explore.h"

enum { MOST_TRIES = 800 };

/* Runs the next schedule; whether it failed with that fingerprint. */
static bool try_next(struct worker *worker, const struct strategy *strategy, void *state, const char *fingerprint,
                     bool *same, struct err *err) {
  struct ledger ledger = {.at = 1};
  struct explore_run run = {.carrier = worker->carrier, .strategy = strategy, .state = state, .ledger = &ledger};
  enum sched_end end;
  bool ok = explore_chosen(worker, &run, &end, err);
  *same = ok && ledger_has(&ledger, fingerprint);
  ledger_free(&ledger);
  return ok;
}

bool explore_minimise(struct worker *worker, const char *fingerprint, int64_t fewer_than, struct schedule *found,
                      bool *any, struct err *err) {
  const struct strategy *strategy = strategies_find("exhaustive");
  struct strategy_options options = {.preemptions = fewer_than > 1, .preemptions_given = true};
  void *state = strategy->open(&options);
  bool ok = true;
  *any = false;
  for (int i = 0; ok && !*any && i < MOST_TRIES && strategy->begin(state); i++) {
    ok = try_next(worker, strategy, state, fingerprint, any, err);
  }
  if (*any) {
    sched_record(found);
  }
  strategy->close(state);
  return explore_observe(false, worker->lifts, err) && ok;
}
