/* One schedule: a fresh scenario object, its actors as logical threads, the oracles. */
#include "python/python.h"

#include <stdlib.h>

#include "platform/mem.h"
#include "python/actor.h"
#include "python/lift.h"
#include "python/observe.h"
#include "python/randomness.h"
#include "python/virtual.h"
#include "strategy/replay.h"
#include "worker/explore.h"
#include "worker/trial.h"

static void on_stuck(void *arg, enum sched_end end) {
  struct worker *worker = arg;
  oracle_take_stuck(&worker->oracles, end == SCHED_HANG);
}

static bool run_actors(struct worker *worker, const struct explore_run *how, struct actor_run *runs, size_t count,
                       enum sched_end *end, struct err *err) {
  struct sched_body bodies[STRATEGY_MOST_THREADS];
  if (count > STRATEGY_MOST_THREADS) {
    return err_set(err, ERR_USAGE, "%zu actor threads: explore carries at most %d", count, STRATEGY_MOST_THREADS);
  }
  for (size_t i = 0; i < count; i++) {
    bodies[i] = (struct sched_body){.name = runs[i].actor->name, .run = actor_run_logical, .arg = &runs[i]};
  }
  struct sched_setup setup = {.carrier = how->carrier,
                              .strategy = how->strategy,
                              .strategy_state = how->state,
                              .step_limit = worker->job.step_limit ? worker->job.step_limit : SCHED_STEP_LIMIT,
                              .arm = worker->points->arm,
                              .thread_ready = worker->points->thread_ready,
                              .named = how->named,
                              .named_arg = how->state,
                              .stuck = on_stuck,
                              .arg = worker};
  return sched_run(&setup, bodies, count, end, err);
}

/* A thread that is unwound does what it never would have done. */
static int lifted_thread(void) { return sched_unwinding() ? -1 : sched_current(); }

static void observe_schedule(const struct explore_run *how, PyObject *object) {
  if (how->lifted) {
    lift_begin(lifted_thread);
  }
  if (how->observed || how->lifted) {
    observe_begin_schedule(object);
  }
}

static void end_observing(const struct explore_run *how) {
  if (how->observed || how->lifted) {
    observe_end_schedule();
  }
  if (how->lifted) {
    lift_end();
  }
}

bool explore_schedule(struct worker *worker, const struct explore_run *how, enum sched_end *end, struct err *err) {
  worker->oracles.ledger = how->ledger;
  *end = SCHED_DONE;
  sched_prepare(how->strategy, how->state);
  randomness_begin_schedule();
  PyObject *object = trial_object(worker, how->in_order);
  bool ok = true;
  if (object) {
    size_t count = 0;
    observe_schedule(how, object);
    struct actor_run *runs = trial_actors(worker, object, &count, false);
    ok = run_actors(worker, how, runs, count, end, err);
    virtual_tidy();
    end_observing(how);
    if (ok && how->ledger == &worker->ledger) {
      trial_count_calls(worker, runs, count);
    }
    if (ok && *end == SCHED_DONE) {
      trial_judge(worker, object);
    }
    free(runs);
    Py_DECREF(object);
  }
  worker->oracles.ledger = &worker->ledger;
  return ok;
}

bool explore_replay(struct worker *worker, const struct carrier *carrier, const struct schedule *schedule, bool lenient,
                    bool lifted, struct ledger *ledger, struct schedule *actual, struct replay_status *status,
                    struct err *err) {
  const struct strategy *replay = strategies_find("replay");
  struct strategy_options options = {.schedule = schedule};
  void *state = replay->open(&options);
  struct explore_run run = {.carrier = carrier,
                            .strategy = replay,
                            .state = state,
                            .ledger = ledger,
                            .named = replay_name_thread,
                            .lifted = lifted};
  enum sched_end end;
  replay_set_lenient(state, lenient);
  replay->begin(state);
  bool ok = explore_observe(false, lifted, err) && explore_schedule(worker, &run, &end, err);
  if (ok) {
    replay->end(state, ledger->found > 0, sched_steps());
    if (status) {
      replay_status(state, status);
    }
    if (actual) {
      sched_record(actual);
    }
  }
  replay->close(state);
  return ok;
}

/* ---- the control ---------------------------------------------------------------------------------------------------
 */

static void *order_open(const struct strategy_options *options) {
  (void)options;
  return NULL;
}
static bool order_begin(void *state) {
  (void)state;
  return true;
}
static struct strategy_choice order_choose(void *state, const struct strategy_point *point) {
  (void)state;
  return (struct strategy_choice){strategy_default(point), STRATEGY_ALL_POINTS};
}
static uint64_t order_number(void *state, uint64_t bound) {
  (void)state;
  (void)bound;
  return 0;
}

/* Nobody is preempted: the actors in the order of their definition, each until it ends or waits. */
static const struct strategy in_order = {.name = "in-order",
                                         .open = order_open,
                                         .begin = order_begin,
                                         .choose = order_choose,
                                         .choose_number = order_number,
                                         .controlled = true};

bool explore_control(struct worker *worker, struct ledger *ledger, struct err *err) {
  struct explore_run run = {.carrier = worker->carrier, .strategy = &in_order, .ledger = ledger, .in_order = true};
  enum sched_end end;
  return explore_schedule(worker, &run, &end, err);
}
