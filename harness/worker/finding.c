/* A new finding of explore: shrunk to the fewest switches, its lines recorded, confirmed on real threads, told. */
#include "python/python.h"

#include <stdlib.h>
#include <string.h>

#include "model/record.h"
#include "model/text.h"
#include "oracle/race.h"
#include "platform/mem.h"
#include "python/lift.h"
#include "python/line_trace.h"
#include "strategy/replay.h"
#include "strategy/shrink.h"
#include "worker/explore.h"

/* A schedule that does not end costs all the steps there are at each try. */
enum { SHRINK_TRIES = 2000, SHRINK_TRIES_OF_HANG = 10, SHRINK_TRIES_OF_RACE = 40, CONFIRM_TRIES = 3 };

struct attempt {
  struct worker *worker;
  const char *fingerprint;
  bool lifted; /* the finding is a data race */
  struct err *err;
  bool failed; /* the harness */
};

/* Whether the replay fails with that fingerprint. */
static bool fails(struct attempt *attempt, const struct carrier *carrier, const struct schedule *schedule, bool lenient,
                  struct schedule *actual) {
  struct ledger ledger = {0};
  bool ok =
      explore_replay(attempt->worker, carrier, schedule, lenient, attempt->lifted, &ledger, actual, NULL, attempt->err);
  bool same = ok && ledger_has(&ledger, attempt->fingerprint);
  ledger_free(&ledger);
  attempt->failed |= !ok;
  return same;
}

static bool try_candidate(void *arg, const struct schedule *candidate, struct schedule *actual, uint64_t *steps) {
  struct attempt *attempt = arg;
  if (attempt->failed) {
    return false;
  }
  struct schedule happened = {0};
  bool same = fails(attempt, attempt->worker->carrier, candidate, true, &happened);
  *steps = sched_steps();
  if (same) {
    *actual = happened;
  } else {
    schedule_free(&happened);
  }
  return same;
}

static json_t *interleaving(void) {
  json_t *steps = json_array();
  for (size_t i = 0; i < line_trace_count(); i++) {
    const struct traced_line *line = line_trace_at(i);
    char *source = line_trace_source(line->info, line->line);
    char *clean = source ? text_to_utf8(source) : NULL;
    json_array_append_new(steps, json_pack("{s:s, s:s, s:s, s:I, s:s?, s:b}", "thread", sched_thread_name(line->thread),
                                           "function", line->info->function, "file", line->info->file, "line",
                                           (json_int_t)line->line, "source", clean, "switched", line->switched));
    free(clean);
    free(source);
  }
  return steps;
}

/* Whether every one of some replays on real threads of the stock interpreter fails the same. */
static enum tristate confirm(struct attempt *attempt, const struct schedule *schedule) {
  const struct worker *worker = attempt->worker;
  const struct carrier *real = carriers_find("pthread");
  if (!worker->job.confirm || strcmp(worker->job.points, "gil") != 0) {
    return TRI_UNKNOWN;
  }
  for (int i = 0; i < CONFIRM_TRIES; i++) {
    if (!fails(attempt, real, schedule, false, NULL)) {
      return TRI_FALSE;
    }
  }
  return TRI_TRUE;
}

static void complete(const struct worker *worker, const struct ledger_entry *entry, struct schedule *schedule) {
  schedule->scenario = mem_dup(worker->job.name);
  schedule->target = mem_dup(worker->job.target);
  schedule->python = mem_dupn(PY_VERSION, strcspn(PY_VERSION, "+"));
  schedule->points = mem_dup(worker->job.points);
  schedule->kind = mem_dup(finding_kind_name(entry->kind));
  schedule->fingerprint = mem_dup(entry->fingerprint);
  schedule->thread_count = 0;
  for (size_t i = 0; i < worker->scenario.actor_count; i++) {
    schedule->thread_count += worker->threads[i];
  }
}

/* Switches that somebody chose: where a thread could have gone on. */
static json_int_t preemptions(const struct schedule *schedule) {
  json_int_t count = 0;
  for (size_t i = 0; i < schedule->switch_count; i++) {
    count += schedule->switches[i].how == SWITCH_PREEMPTED;
  }
  return count;
}

static void tell(const struct attempt *attempt, const struct schedule *schedule, enum tristate confirmed) {
  const struct oracle_race *race = oracle_race_find(attempt->fingerprint);
  const char *report = oracle_race_report(attempt->fingerprint);
  const char *reachable = race && !race->finding.race->effect ? RACE_BY_LANGUAGE : schedule->points;
  char *text = schedule_write(schedule);
  stream_write(&attempt->worker->stream,
               json_pack("{s:s, s:s, s:s, s:o, s:I, s:s, s:o, s:o}", "record", RECORD_SCHEDULE, "fingerprint",
                         schedule->fingerprint, "reachable", reachable, "confirmed", stream_tristate(confirmed),
                         "switches", preemptions(schedule), "schedule", text, "interleaving", interleaving(), "report",
                         report ? json_string(report) : json_null()));
  free(text);
}

/* Races found in one schedule are mostly there too in the schedule that the one before was shrunk to: then little is
 * left to do. */
static bool start_from_last_race(struct attempt *attempt, const struct ledger_entry *entry, struct schedule *schedule,
                                 const struct schedule *last, uint64_t *steps) {
  struct schedule found = {0};
  uint64_t found_steps;
  if (!last->first || !try_candidate(attempt, last, &found, &found_steps)) {
    return false;
  }
  complete(attempt->worker, entry, &found);
  schedule_free(schedule);
  *schedule = found;
  *steps = found_steps;
  return true;
}

static void shrink_race(struct attempt *attempt, const struct ledger_entry *entry, struct schedule *schedule,
                        uint64_t steps) {
  static struct schedule last; /* of the process's one run */
  bool small = start_from_last_race(attempt, entry, schedule, &last, &steps);
  if (!small || preemptions(schedule)) {
    shrink_schedule(schedule, steps, small ? SHRINK_TRIES_OF_RACE / 5 : SHRINK_TRIES_OF_RACE, try_candidate, attempt);
  }
  if (!attempt->failed) {
    schedule_free(&last);
    schedule_copy(&last, schedule);
  }
}

/* Shrinks what was found, and what is found with fewer preemptions, if there is such on this Python. */
static void shrink(struct attempt *attempt, const struct ledger_entry *entry, struct schedule *schedule,
                   uint64_t steps) {
  bool smaller = true;
  while (smaller && !attempt->failed) {
    struct schedule found = {0};
    size_t tries = entry->kind == FINDING_HANG ? SHRINK_TRIES_OF_HANG : SHRINK_TRIES;
    shrink_schedule(schedule, steps, tries, try_candidate, attempt);
    smaller = false;
    if (!attempt->failed && PY_VERSION_HEX >= 0x030B0000 && entry->kind != FINDING_HANG && preemptions(schedule) > 1) {
      attempt->failed =
          !explore_minimise(attempt->worker, entry->fingerprint, preemptions(schedule), &found, &smaller, attempt->err);
    }
    if (smaller) {
      steps = sched_steps();
      complete(attempt->worker, entry, &found);
      schedule_free(schedule);
      *schedule = found;
    }
  }
}

/* Once more, with its lines recorded: the observer of accesses has no use for itself there. */
static void record_lines(struct attempt *attempt, const struct schedule *schedule) {
  const struct worker *worker = attempt->worker;
  bool lifted = attempt->lifted;
  attempt->lifted = false;
  line_trace_start(strcmp(worker->job.points, "bytecode") == 0);
  fails(attempt, worker->carrier, schedule, false, NULL);
  line_trace_stop();
  attempt->lifted = lifted;
}

/* Once more, with ThreadSanitizer told of one race only, so that it reports that one. */
static void report_race(struct attempt *attempt, const struct schedule *schedule) {
  const struct oracle_race *race = attempt->lifted ? oracle_race_find(attempt->fingerprint) : NULL;
  if (race) {
    lift_focus(&race->focus);
    fails(attempt, attempt->worker->carrier, schedule, false, NULL);
    lift_focus(NULL);
  }
}

bool explore_tell(struct worker *worker, const struct ledger_entry *entry, struct schedule *schedule, uint64_t steps,
                  struct err *err) {
  struct ledger_entry copy = *entry; /* the ledger may move */
  struct attempt attempt = {
      .worker = worker, .fingerprint = copy.fingerprint, .lifted = copy.kind == FINDING_DATA_RACE, .err = err};
  complete(worker, &copy, schedule);
  if (attempt.lifted) {
    shrink_race(&attempt, &copy, schedule, steps);
  } else {
    shrink(&attempt, &copy, schedule, steps);
  }
  if (attempt.failed) {
    return false;
  }
  report_race(&attempt, schedule);
  record_lines(&attempt, schedule);
  enum tristate confirmed = confirm(&attempt, schedule);
  tell(&attempt, schedule, confirmed);
  return !attempt.failed;
}
