#include "python/python.h"

#include "worker/explore.h"

#include <stdlib.h>
#include <string.h>

#include "model/record.h"
#include "platform/clock.h"
#include "platform/mem.h"
#include "python/escapes.h"
#include "python/garbage.h"
#include "python/lift.h"
#include "python/observe.h"
#include "python/virtual.h"
#include "worker/resume.h"
#include "worker/verify.h"

/* ---- what is said of it --------------------------------------------------------------------------------------------
 */

static void tell_claim(struct worker *worker, void *state) {
  struct strategy_claim claim = {.done = -1, .bound = -1};
  worker->strategy->claim(state, &claim);
  stream_write(&worker->stream,
               json_pack("{s:s, s:f, s:I, s:b, s:s}", "record", RECORD_CLAIM, "done", claim.done, "bound",
                         (json_int_t)claim.bound, "complete", claim.complete, "text", claim.text));
}

static void note_count(struct worker *worker, size_t count, const char *what) {
  if (count) {
    char *note = mem_printf("%zu %s", count, what);
    stream_note(&worker->stream, note);
    free(note);
  }
}

/* Calls that the scheduler could not see: named, and where they may wait, a reason not to call the run a pass. */
static void tell_escapes(struct worker *worker, char **why) {
  struct strlist waits = {0}, others = {0};
  escapes_names(true, &waits);
  escapes_names(false, &others);
  char *waits_text = strlist_join(&waits, ", "), *others_text = strlist_join(&others, ", ");
  if (others.count) {
    char *note = mem_printf("system calls in the middle of schedules: %s", others_text);
    stream_note(&worker->stream, note);
    free(note);
  }
  if (waits.count) {
    char *note = mem_printf("waits that are not modelled, in real time and for all threads at once: %s", waits_text);
    stream_note(&worker->stream, note);
    if (*why) {
      free(note);
    } else {
      *why = note;
    }
  }
  free(waits_text);
  free(others_text);
  strlist_free(&waits);
  strlist_free(&others);
}

static void tell_rest(struct worker *worker) {
  note_count(worker, sched_abandoned(), "logical threads would not be unwound, and were abandoned");
  note_count(worker, sched_outlived(), "threads went on long after the actors had ended, and were cut off");
  worker_tell_unseen(worker, "what the observer of accesses could not see through");
}

/* ---- exploring -----------------------------------------------------------------------------------------------------
 */

static void *open_strategy(const struct worker *worker) {
  const struct job *job = &worker->job;
  struct strategy_options options = {.seed = job->seed,
                                     .preemptions = job->preemptions,
                                     .preemptions_given = job->preemptions_given,
                                     .depth = job->depth};
  return worker->strategy->open(&options);
}

static void pass_on(void *arg, uint64_t cell, bool write) {
  (void)arg;
  sched_touch(cell, write);
}

static uint64_t cell_of(PyObject *object) { return observe_cell(object, NULL); }

bool explore_observe(bool reduces, bool lifts, struct err *err) {
  static bool reducing, lifting;
  if (reduces == reducing && lifts == lifting) {
    return true;
  }
  reducing = reduces;
  lifting = lifts;
  sched_observing(reduces);
  virtual_set_cells(reduces ? cell_of : NULL);
  if (!reduces && !lifts) {
    observe_stop();
    return true;
  }
  observe_threads(sched_current);
  return observe_start(reduces ? pass_on : NULL, NULL, lifts, err);
}

bool explore_chosen(struct worker *worker, struct explore_run *run, enum sched_end *end, struct err *err) {
  const struct strategy *strategy = run->strategy;
  uint64_t found = run->ledger->found;
  run->observed = strategy->touch && (!strategy->wants_touch || strategy->wants_touch(run->state));
  run->lifted = worker->lifts;
  if (!explore_observe(run->observed, run->lifted, err) || !explore_schedule(worker, run, end, err)) {
    return false;
  }
  strategy->end(run->state, run->ledger->found > found, sched_steps());
  return true;
}

/* What was found for the first time in the schedule just run. */
static bool tell_new(struct worker *worker, size_t known, struct err *err) {
  uint64_t steps = sched_steps();
  struct schedule first = {0};
  sched_record(&first);
  bool ok = true;
  for (size_t i = known; ok && i < worker->ledger.count; i++) {
    struct schedule copy = {0};
    schedule_copy(&copy, &first);
    ok = explore_tell(worker, &worker->ledger.entries[i], &copy, steps, err);
    schedule_free(&copy);
  }
  schedule_free(&first);
  return ok;
}

static bool one_schedule(struct worker *worker, void *state, bool *redundant, struct verify *verify, struct err *err) {
  struct explore_run run = {
      .carrier = worker->carrier, .strategy = worker->strategy, .state = state, .ledger = &worker->ledger};
  enum sched_end end;
  size_t known = worker->ledger.count;
  uint64_t found = worker->ledger.found;
  if (!explore_chosen(worker, &run, &end, err) || !explore_observe(false, worker->lifts, err)) {
    return false;
  }
  *redundant = end == SCHED_CUT;
  found = worker->ledger.found - found;
  worker->points_met += sched_steps();
  if (worker->ledger.count > known && !tell_new(worker, known, err)) {
    return false;
  }
  return !worker->job.verify || *redundant || worker->ledger.count > known || verify_last(worker, verify, found, err);
}

static bool may_go_on(struct worker *worker, void *state, char **why) {
  if (__atomic_load_n(&worker->stop, __ATOMIC_RELAXED)) {
    *why = mem_dup("stopped by a signal");
    return false;
  }
  worker->ledger.at = worker->trials + 1;
  return !worker_is_over(worker) && worker->strategy->begin(state);
}

static bool run_schedules(struct worker *worker, void *state, struct verify *verify, char **why, struct err *err) {
  bool ok = true;
  while (ok && may_go_on(worker, state, why)) {
    bool redundant = false;
    ok = one_schedule(worker, state, &redundant, verify, err) && resume_save(worker, state, false, err);
    worker->trials += ok && !redundant;
    garbage_collect_some();
    if (worker_progress(worker, false)) {
      tell_claim(worker, state);
    }
  }
  worker_progress(worker, true);
  return ok;
}

/* Where accesses cannot be observed there is nothing to reduce by, and an unreduced search would not end. */
static void fit_strategy(struct worker *worker) {
  if (PY_VERSION_HEX < 0x030B0000 && strcmp(worker->strategy->name, "auto") == 0) {
    worker->strategy = strategies_find("pct");
    stream_note(&worker->stream,
                "before CPython 3.11 accesses cannot be observed: no exhaustive part, pct from the start");
  }
}

bool explore_run(struct worker *worker, char **why, struct err *err) {
  *why = NULL;
  fit_strategy(worker);
  struct verify verify = {0};
  void *state = open_strategy(worker);
  bool ok = garbage_settle(err) && resume_load(worker, state, err);
  escapes_forget();
  worker->started = clock_now();
  ok = ok && run_schedules(worker, state, &verify, why, err) && resume_save(worker, state, true, err);
  if (ok) {
    tell_claim(worker, state);
    tell_rest(worker);
    tell_escapes(worker, why);
    if (!*why && worker->trials && !worker->points_met) {
      *why =
          mem_dup("no switch point was met: no code of the package ran where control may move; name the modules that "
                  "matter in the scenario's watch");
    }
    if (worker->job.verify) {
      verify_tell(worker, &verify, why);
    }
  }
  worker->strategy->close(state);
  return ok;
}
