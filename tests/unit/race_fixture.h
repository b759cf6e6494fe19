/* A result with data races of all sorts. */
#ifndef FF_TESTS_RACE_FIXTURE_H
#define FF_TESTS_RACE_FIXTURE_H

#include "model/verdict.h"
#include "tests/unit/result_fixture.h"

static inline void fixture_access(struct race *race, const char *thread, const char *started, const char *operation,
                                  const char *function, uint64_t line) {
  struct race_access *access = race_add_access(race);
  access->thread = mem_dup(thread);
  access->started = mem_dup(started);
  access->operation = mem_dup(operation);
  access->function = mem_dup(function);
  access->file = mem_dup("arroyo/processing/processor.py");
  access->line = line;
  strlist_addf(&access->stack, "arroyo/processing/processor.py:%d in %s", (int)line, function);
  strlist_addf(&access->stack, "metrics_buffer.py:30 in MetricsBufferUnderThreads.%s", thread);
}

static inline struct finding *fixture_race(struct run *run, const char *message, const char *reachable,
                                           const char *container, const char *key) {
  struct finding *finding =
      fixture_finding(run, FINDING_DATA_RACE, message, "arroyo/processing/processor.py:131 in MetricsBuffer.flush", 7);
  free(finding->reachable);
  finding->reachable = mem_dup(reachable);
  finding->actor = mem_dup("report");
  finding->race = mem_alloc(sizeof *finding->race);
  finding->race->container = mem_dup(container);
  finding->race->key = mem_dup(key);
  fixture_access(finding->race, "report", "an actor of the scenario", "read", "MetricsBuffer.flush", 131);
  return finding;
}

/* One that loses an update here, two by the language, and a report of native code. */
static inline void fixture_races_found(struct run *run) {
  const char *started = "arroyo/processing/processor.py:210 in StreamProcessor.run";
  struct finding *finding = fixture_race(run, "MetricsBuffer.__counters is read while another thread writes it", "gil",
                                         "MetricsBuffer.__counters", "'arroyo.consumer.stuck'");
  finding->race->effect = mem_dup("lost update");
  finding->race->report = mem_dup("WARNING: ThreadSanitizer: data race (pid=1)\n  Read of size 8 at 0x1\n");
  finding->race->report_file = mem_dup("races/0123456789abcdef.txt");
  finding->fingerprint = mem_dup("0123456789abcdef");
  fixture_access(finding->race, "work", started, "write", "MetricsBuffer.incr_counter", 124);
  fixture_access(finding->race, "report", "an actor of the scenario", "write", "MetricsBuffer.__reset", 140);
  for (int i = 0; i < 2; i++) {
    finding = fixture_race(run, "MetricsBuffer.__last_record_time is written by two threads", RACE_BY_LANGUAGE,
                           "MetricsBuffer.__last_record_time", NULL);
    finding->fingerprint = mem_printf("fedcba987654321%d", i);
    fixture_access(finding->race, "work", started, "write", "MetricsBuffer.flush", 141);
  }
  finding = fixture_finding(run, FINDING_DATA_RACE, "data race", "memset.c:12:3 in memset", 1);
  finding->actor = mem_dup("native code");
  finding->traceback = mem_dup("WARNING: ThreadSanitizer: data race (pid=1)\n");
  finding->fingerprint = mem_dup("00ff00ff00ff00ff");
}

/* Races of all sorts: a run that fails by them, one that shows them, one without, and one that does not look. */
static inline void fixture_races(struct result *result) {
  *result = (struct result){0};
  result->tool = mem_dup("flashflood 0.1.0");
  result->command = mem_dup("flashflood check sentry-arroyo==2.36.0 --suppressions known");
  result->platform = mem_dup("Linux 6.1 x86_64, 2 cores");
  fixture_suppression(result, "container", "MetricsBuffer.metrics", 3, 2);
  fixture_suppression(result, "file", "vendored/[a-z]*.py", 4, 0);
  struct run *run = fixture_run(result, "metrics_buffer", "sentry-arroyo==2.36.0", VERDICT_FAIL);
  fixture_races_found(run);
  run = fixture_explored_run(result, "sentry-arroyo==2.36.0", VERDICT_PASS);
  run->claim = mem_dup("every schedule was run, or one that is equivalent to it (12 schedules)");
  run->complete = true;
  struct finding *finding = fixture_race(run, "a place is written", RACE_BY_LANGUAGE, NULL, NULL);
  finding->fingerprint = mem_dup("0011223344556677");
  run->races.suppressed = 2;
  run = fixture_run(result, "metrics_buffer", "sentry-arroyo==2.37.1", VERDICT_PASS);
  run = fixture_run(result, "stuck_detector", "sentry-arroyo==2.37.1", VERDICT_PASS);
  for (size_t i = 0; i < result->run_count; i++) {
    result->runs[i].races.looked_for = i + 1 < result->run_count;
    run_tally_races(&result->runs[i]);
  }
  run->races.policy = mem_dup("off");
}

#endif
