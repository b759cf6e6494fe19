/* The replay of a schedule file: what became of it, in one of five sentences. */
#include "python/python.h"

#include <stdlib.h>
#include <string.h>

#include "model/record.h"
#include "platform/clock.h"
#include "platform/mem.h"
#include "python/garbage.h"
#include "strategy/replay.h"
#include "worker/explore.h"

/* What was found in the replay that ran last, of all that the ledger knows. */
static bool has_any(const struct ledger *ledger) {
  bool found = false;
  for (size_t i = 0; i < ledger->count; i++) {
    found |= ledger->entries[i].last_at == ledger->at;
  }
  return found;
}

static bool has_fingerprint(const struct ledger *ledger, const struct schedule *schedule) {
  for (size_t i = 0; i < ledger->count; i++) {
    const struct ledger_entry *entry = &ledger->entries[i];
    if (entry->last_at == ledger->at && strcmp(entry->fingerprint, schedule->fingerprint) == 0) {
      return true;
    }
  }
  return false;
}

/* A finding of the same kind counts as the same where the fingerprint could differ (another Python, another release).
 */
static bool has_kind(const struct ledger *ledger, const struct schedule *schedule) {
  for (size_t i = 0; i < ledger->count; i++) {
    const struct ledger_entry *entry = &ledger->entries[i];
    if (entry->last_at == ledger->at && strcmp(finding_kind_name(entry->kind), schedule->kind) == 0) {
      return true;
    }
  }
  return false;
}

static const char *outcome_of(const struct ledger *ledger, const struct schedule *schedule,
                              const struct replay_status *status) {
  if (has_fingerprint(ledger, schedule)) {
    return "fails the same";
  }
  if (has_any(ledger)) {
    return "fails otherwise";
  }
  if (status->diverged) {
    return status->never_there ? "cannot be reached" : "diverged";
  }
  return "passes";
}

/* The line of the file that holds that switch. */
static int64_t line_of(const char *text, size_t wanted) {
  int64_t line = 1;
  size_t seen = 0;
  for (const char *at = text; *at; line++) {
    if (strncmp(at, "switch ", 7) == 0 && seen++ == wanted) {
      return line;
    }
    const char *end = strchr(at, '\n');
    at = end ? end + 1 : at + strlen(at);
  }
  return -1;
}

static void tell(struct worker *worker, const struct schedule *schedule, const struct ledger *ledger,
                 const struct replay_status *status) {
  const char *outcome = outcome_of(ledger, schedule, status);
  char *detail = NULL;
  if (status->diverged) {
    detail = mem_dup(status->why);
  } else if (strcmp(outcome, "fails otherwise") == 0) {
    detail = mem_printf("expected %s %s%s", schedule->kind, schedule->fingerprint,
                        has_kind(ledger, schedule) ? "; the kind is the same, the place or the text is not" : "");
  }
  int64_t line = status->diverged ? line_of(worker->job.schedule, status->diverged_at) : -1;
  stream_write(&worker->stream, json_pack("{s:s, s:s, s:o, s:s?}", "record", RECORD_REPLAY, "outcome", outcome, "line",
                                          line >= 0 ? json_integer((json_int_t)line) : json_null(), "detail", detail));
  free(detail);
}

bool replay_run(struct worker *worker, char **why, struct err *err) {
  struct schedule schedule = {0};
  *why = NULL;
  worker->started = clock_now();
  bool ok = garbage_settle(err) && schedule_read(worker->job.schedule, strlen(worker->job.schedule), &schedule, err);
  uint64_t times = worker->job.trials ? worker->job.trials : 1;
  for (uint64_t i = 0; ok && i < times; i++) {
    struct replay_status status = {0};
    worker->ledger.at = i + 1;
    ok = explore_replay(worker, worker->carrier, &schedule, false, &worker->ledger, NULL, &status, err);
    worker->trials += ok;
    if (ok) {
      tell(worker, &schedule, &worker->ledger, &status);
    }
    worker_progress(worker, i + 1 == times);
  }
  schedule_free(&schedule);
  return ok;
}
