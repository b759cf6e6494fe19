/* The explore engine: schedule after schedule under a strategy; each new finding shrunk, shown and confirmed. */
#ifndef FF_WORKER_EXPLORE_H
#define FF_WORKER_EXPLORE_H

#include "python/sched.h"
#include "worker/worker.h"

/* How one schedule is to be run. */
struct explore_run {
  const struct carrier *carrier;
  const struct strategy *strategy;
  void *state;
  struct ledger *ledger; /* where findings go */
  bool in_order;         /* the control: @control prepares the object */
  bool observed;         /* what it reads and writes is told to the strategy; the observer is on */
  bool lifted;           /* data races are looked for; the observer is on */
  void (*named)(void *arg, int index, const char *name);
};

/* One schedule on a fresh object, judged by the oracles; begin() was called, end() is the caller's. False: the harness
 * failed. GIL held. */
bool explore_schedule(struct worker *worker, const struct explore_run *run, enum sched_end *end, struct err *err);

/* One schedule whose strategy is told of accesses where it wants them, and of the end. The observer is left as it was
 * needed. */
bool explore_chosen(struct worker *worker, struct explore_run *run, enum sched_end *end, struct err *err);

/* Replays a schedule. `ledger` takes what it finds; `actual`, where not NULL, what happened (the caller's to free). */
struct replay_status;
/* `lifted`: data races are looked for too. */
bool explore_replay(struct worker *worker, const struct carrier *carrier, const struct schedule *schedule, bool lenient,
                    bool lifted, struct ledger *ledger, struct schedule *actual, struct replay_status *status,
                    struct err *err);

/* Turns the observer of accesses on or off: for the strategy, for data races; nothing where it is so already. */
bool explore_observe(bool reduces, bool lifts, struct err *err);

/* Looks for a schedule with fewer preemptions that fails with that fingerprint. `found` is the caller's to free. */
bool explore_minimise(struct worker *worker, const char *fingerprint, int64_t fewer_than, struct schedule *found,
                      bool *any, struct err *err);

/* A new finding and the schedule that showed it (taken over): shrunk, its lines recorded, confirmed, told. */
bool explore_tell(struct worker *worker, const struct ledger_entry *entry, struct schedule *schedule, uint64_t steps,
                  struct err *err);

#endif
