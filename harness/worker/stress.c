/* The stress engine: trials on real threads until the time or the number of trials is used up. */
#include <stdlib.h>

#include "platform/clock.h"
#include "platform/mem.h"
#include "python/garbage.h"
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
    ok = worker->points->begin(pick_interval(worker), err) && trial_run(worker, true, err);
    worker->trials += ok;
    worker_progress(worker, false);
  }
  worker_progress(worker, true);
  note_outlived(worker);
  return ok;
}
