/* One run of one scenario: what the parts of the worker share. */
#ifndef FF_WORKER_WORKER_H
#define FF_WORKER_WORKER_H

#include "python/python.h"

#include "carrier/carrier.h"
#include "model/job.h"
#include "oracle/oracle.h"
#include "platform/rng.h"
#include "python/points.h"
#include "python/scenario.h"
#include "strategy/strategy.h"
#include "worker/stream.h"

struct worker {
  struct job job;
  struct stream stream;
  struct scenario scenario;
  struct sources sources;
  struct ledger ledger;
  struct oracle_context oracles;
  const struct carrier *carrier;
  const struct switch_points *points;
  const struct strategy *strategy;
  struct rng rng;
  uint64_t *threads;  /* for each actor, logical threads that run it */
  uint64_t *calls;    /* for each actor, calls that ended, over all trials */
  uint64_t trials;    /* that ended */
  double started;     /* clock_now() */
  double saved_at;    /* the last time that a search was kept */
  double progress_at; /* the last progress record's time */
  struct strlist outlived;
  double lifted_seconds;  /* stress: of all lifted trials */
  uint64_t lifted_trials; /* of them */
  uint64_t points_met;    /* switch points, over all schedules */
  bool has_gil;           /* of the interpreter, once the scenario is loaded */
  bool controlled;        /* explore and replay: logical threads, virtual time */
  bool lifts;             /* data races of Python code are looked for */
  bool stop;              /* relaxed atomic, set from a signal: begin nothing more */
};

/* Runs trials of the scenario until the budget ends. `why` says what cut it short, or NULL; it is the caller's. */
bool stress_run(struct worker *worker, char **why, struct err *err);

/* Runs schedules of the scenario until the budget or the strategy ends. */
bool explore_run(struct worker *worker, char **why, struct err *err);

/* The actors in an order that cannot race, under explore; findings go to `ledger`. */
bool explore_control(struct worker *worker, struct ledger *ledger, struct err *err);

/* Replays the job's schedule and says what became of it. */
bool replay_run(struct worker *worker, char **why, struct err *err);

/* The actors one after the other, on fresh objects. False: the harness failed. */
bool control_run(struct worker *worker, bool *passed, struct err *err);

/* Shares `job.threads` among the actors: each gets one, and those marked `many` share the rest. */
void worker_share_threads(struct worker *worker);

/* Whether the budget is used up, or what the run was for is found. */
bool worker_is_over(const struct worker *worker);

/* Notes what the observer could not see through, as `what`, and what races could not be followed. */
void worker_tell_unseen(struct worker *worker, const char *what);

/* Sends the counts so far; `now` false: only when the last was some time ago. Whether it did. GIL held. */
bool worker_progress(struct worker *worker, bool now);

#endif
