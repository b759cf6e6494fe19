/* The stress engine: trials on real threads until the time or the number of trials is used up. */
#include "python/python.h"

#include <stdlib.h>

#include "platform/clock.h"
#include "platform/mem.h"
#include "python/garbage.h"
#include "python/lift.h"
#include "python/observe.h"
#include "worker/trial.h"

/* Seconds. Races differ in which interval meets them, so trials take turns: from the smallest that CPython knows to
 * its default, 5 ms (sys.setswitchinterval). The small ones meet most, and have more turns. */
static const double INTERVALS[] = {1e-6, 1e-6, 1e-6, 5e-6, 5e-6, 1e-4, 5e-3};

static double pick_interval(struct worker *worker) {
  if (worker->job.switch_interval > 0) {
    return worker->job.switch_interval;
  }
  return INTERVALS[rng_below(&worker->rng, sizeof INTERVALS / sizeof *INTERVALS)];
}

static void note_outlived(struct worker *worker) {
  if (worker->outlived.count) {
    char *names = strlist_join(&worker->outlived, ", ");
    char *note = mem_printf("threads that outlived their trial by more than 5 s: %s", names);
    stream_note(&worker->stream, note);
    free(note);
    free(names);
  }
}

/* Lifting slows a trial down three to four times, and the switches that find most are those at full speed: so it has a
 * part of the time. The first trial is lifted, since one suffices where two threads touch the same. */
#define LIFTED_PART 0.25

static bool is_lifted(const struct worker *worker) {
  return worker->lifts && worker->lifted_seconds <= LIFTED_PART * (clock_now() - worker->started);
}

static bool lifted_trial(struct worker *worker, struct err *err) {
  double began = clock_now();
  if (!observe_start(NULL, NULL, true, err)) {
    return false;
  }
  lift_begin(NULL);
  bool ok = trial_run(worker, true, err);
  lift_end();
  observe_stop();
  worker->lifted_seconds += clock_now() - began;
  worker->lifted_trials++;
  return ok;
}

static void note_lifting(struct worker *worker) {
  if (worker->lifts) {
    char *note = mem_printf("data races of Python code were looked for in %llu of %llu trials",
                            (unsigned long long)worker->lifted_trials, (unsigned long long)worker->trials);
    stream_note(&worker->stream, note);
    free(note);
    worker_tell_unseen(worker, "races: what could not be seen");
  }
}

bool stress_run(struct worker *worker, char **why, struct err *err) {
  *why = NULL;
  worker->started = clock_now();
  bool ok = garbage_settle(err);
  while (ok && !worker_is_over(worker)) {
    if (__atomic_load_n(&worker->stop, __ATOMIC_RELAXED)) {
      *why = mem_dup("stopped by a signal");
      break;
    }
    worker->ledger.at = worker->trials + 1;
    garbage_collect();
    ok = worker->points->begin(pick_interval(worker), err) &&
         (is_lifted(worker) ? lifted_trial(worker, err) : trial_run(worker, true, err));
    worker->trials += ok;
    worker_progress(worker, false);
  }
  worker_progress(worker, true);
  note_outlived(worker);
  note_lifting(worker);
  return ok;
}
