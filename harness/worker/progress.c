#include <sys/resource.h>

#include "model/record.h"
#include "platform/clock.h"
#include "python/module.h"
#include "worker/worker.h"

#define PROGRESS_EVERY 0.2 /* seconds */

static json_t *finding_counts(struct worker *worker) {
  json_t *counts = json_object();
  quiet_enter(&worker->ledger.lock);
  for (size_t i = 0; i < worker->ledger.count; i++) {
    const struct ledger_entry *entry = &worker->ledger.entries[i];
    json_object_set_new(counts, entry->fingerprint, json_integer((json_int_t)entry->count));
  }
  quiet_leave(&worker->ledger.lock);
  return counts;
}

static json_t *actor_calls(const struct worker *worker, uint64_t *total) {
  json_t *calls = json_object();
  for (size_t i = 0; i < worker->scenario.actor_count; i++) {
    *total += worker->calls[i];
    json_object_set_new(calls, worker->scenario.actors[i].name, json_integer((json_int_t)worker->calls[i]));
  }
  return calls;
}

static json_t *reached_points(void) {
  json_t *reached = json_object();
  struct strlist names = {0};
  module_reached_names(&names);
  for (size_t i = 0; i < names.count; i++) {
    json_object_set_new(reached, names.items[i], json_integer((json_int_t)module_reached(names.items[i])));
  }
  strlist_free(&names);
  return reached;
}

bool worker_progress(struct worker *worker, bool now) {
  double time = clock_now();
  if (!now && time - worker->progress_at < PROGRESS_EVERY) {
    return false;
  }
  worker->progress_at = time;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  uint64_t operations = 0;
  json_t *calls = actor_calls(worker, &operations);
  stream_write(&worker->stream,
               json_pack("{s:s, s:I, s:I, s:f, s:o, s:o, s:o, s:I}", "record", RECORD_PROGRESS, "schedules",
                         (json_int_t)worker->trials, "operations", (json_int_t)operations, "seconds",
                         time - worker->started, "counts", finding_counts(worker), "calls", calls, "reached",
                         reached_points(), "peak_rss_kib", (json_int_t)usage.ru_maxrss));
  return true;
}

bool worker_is_over(const struct worker *worker) {
  const struct job *job = &worker->job;
  enum finding_kind until;
  if (job->until && finding_kind_parse(job->until, &until) && worker->ledger.found_by_kind[until]) {
    return true;
  }
  return (job->trials && worker->trials >= job->trials) ||
         (job->seconds > 0 && clock_now() - worker->started >= job->seconds);
}
