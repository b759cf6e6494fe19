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

/* What one replay found: entries of the ledger that were met in it. */
struct found {
  bool any;
  bool same;      /* with the schedule's fingerprint */
  bool same_kind; /* as where the fingerprint could differ: on another Python, another release */
};

static struct found found_now(const struct ledger *ledger, const struct schedule *schedule) {
  struct found found = {0};
  for (size_t i = 0; i < ledger->count; i++) {
    const struct ledger_entry *entry = &ledger->entries[i];
    if (entry->last_at == ledger->at) {
      found.any = true;
      found.same |= strcmp(entry->fingerprint, schedule->fingerprint) == 0;
      found.same_kind |= strcmp(finding_kind_name(entry->kind), schedule->kind) == 0;
    }
  }
  return found;
}

static const char *outcome_of(const struct found *found, const struct replay_status *status) {
  if (found->same) {
    return "fails the same";
  }
  if (found->any) {
    return "fails otherwise";
  }
  if (!status->diverged) {
    return "passes";
  }
  return status->never_there ? "cannot be reached" : "diverged";
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
  const struct found found = found_now(ledger, schedule);
  const char *outcome = outcome_of(&found, status);
  char *detail = NULL;
  if (status->diverged) {
    detail = mem_dup(status->why);
  } else if (strcmp(outcome, "fails otherwise") == 0) {
    detail = mem_printf("expected %s %s%s", schedule->kind, schedule->fingerprint,
                        found.same_kind ? "; the kind is the same, the place or the text is not" : "");
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
    ok = explore_replay(worker, worker->carrier, &schedule, false, worker->lifts, &worker->ledger, NULL, &status, err);
    worker->trials += ok;
    if (ok) {
      tell(worker, &schedule, &worker->ledger, &status);
    }
    worker_progress(worker, i + 1 == times);
  }
  schedule_free(&schedule);
  return ok;
}
