/* Results that the tests of the result file and of the reports share: ordinary ones, and one whose every text was made
 * to break a format. */
#ifndef FF_TESTS_RESULT_FIXTURE_H
#define FF_TESTS_RESULT_FIXTURE_H

#include <stdlib.h>

#include "model/result.h"
#include "platform/mem.h"

#define FIXTURE_TRACEBACK                                                                                              \
  "Traceback (most recent call last):\n"                                                                               \
  "  File \"arroyo/processing/processor.py\", line 312, in stuck_detector_run\n"                                       \
  "    self.__metrics_buffer.flush()\n"                                                                                \
  "  File \"arroyo/processing/processor.py\", line 157, in flush\n"                                                    \
  "    for metric, value in self.__counters.items():\n"                                                                \
  "RuntimeError: dictionary changed size during iteration\n"

static inline struct run *fixture_run(struct result *result, const char *scenario, const char *target,
                                      enum verdict verdict) {
  struct run *run = result_add_run(result);
  run->scenario = mem_dup(scenario);
  run->target = mem_dup(target);
  run->release = mem_dup("2.36.0");
  run->python = mem_dup("CPython 3.11.2 (main, Nov 30 2024, 21:22:50) [GCC 12.2.0]");
  run->python_binary = mem_dup("/usr/bin/python3");
  run->engine = mem_dup("stress");
  run->carrier = mem_dup("pthread");
  run->points = mem_dup("free");
  run->strategy = mem_dup("none");
  run->seed = 42;
  run->threads = 2;
  run->tsan = true;
  run->schedules = 2481;
  run->operations = 29772;
  run->seconds = 10.0123;
  run->verdict = verdict;
  run->coverage.control = mem_dup("passed");
  run->coverage.peak_rss_kib = 62464;
  run->replay = mem_printf("flashflood stress %s --target '%s' --seed 42", scenario, target);
  return run;
}

static inline struct finding *fixture_finding(struct run *run, enum finding_kind kind, const char *message,
                                              const char *where, uint64_t count) {
  struct finding *finding = run_add_finding(run);
  finding->kind = kind;
  finding->message = mem_dup(message);
  finding->where = mem_dup(where);
  finding->count = count;
  finding->first_at = 12;
  finding->reachable = mem_dup("gil");
  finding->confirmed = TRI_TRUE;
  return finding;
}

static inline void fixture_expect(struct run *run, const char *outcome, enum tristate met, const char *because) {
  run->expected.outcome = mem_dup(outcome);
  run->expected.met = met;
  run->expected.because = mem_dup(because);
}

static inline void fixture_detector(struct result *result) {
  struct run *run = fixture_run(result, "stuck_detector", "sentry-arroyo==2.36.0", VERDICT_FAIL);
  run->summary = mem_dup("The stuck detector flushes the main thread's metrics buffer.");
  fixture_expect(run, "fail", TRI_TRUE, "the detector flushes the main thread's buffer (upstream #512, fixed by #517)");
  run->expected.must[FINDING_DICT_CHANGED_SIZE] = true;
  run->expected.may[FINDING_INVARIANT] = true;
  run->expected.may[FINDING_DATA_RACE] = true;
  coverage_set_actor(&run->coverage, "consume", 1, 2481);
  coverage_set_reached(&run->coverage, "detector reported", 2480);
  struct finding *finding =
      fixture_finding(run, FINDING_DICT_CHANGED_SIZE, "RuntimeError: dictionary changed size during iteration",
                      "arroyo/processing/processor.py:157 in MetricsBuffer.flush", 29);
  finding->actor = mem_dup("thread StreamProcessor.stuck_detector_run");
  finding->traceback = mem_dup(FIXTURE_TRACEBACK);
  finding->fingerprint = mem_dup("0123456789abcdef");
  finding = fixture_finding(run, FINDING_DICT_CHANGED_SIZE, "RuntimeError: dictionary changed size during iteration",
                            "arroyo/processing/processor.py:157 in MetricsBuffer.flush", 2);
  finding->actor = mem_dup("consume");
  finding->fingerprint = mem_dup("fedcba9876543210");
}

static inline void fixture_buffer(struct result *result) {
  struct run *run =
      fixture_run(result, "metrics_buffer", "sentry-arroyo==2.36.0+patches/arroyo_processor_fix.patch", VERDICT_FAIL);
  strlist_add(&run->patches, "patches/arroyo_processor_fix.patch");
  run->operations = 1234567;
  run->threads = 6;
  fixture_expect(run, "pass", TRI_FALSE, "a patch that is whole loses nothing");
  run->expected.unmet = mem_dup("invariant was found and should not have been");
  coverage_set_actor(&run->coverage, "increment", 5, 1200000);
  coverage_set_actor(&run->coverage, "flush", 1, 34567);
  strlist_add(&run->coverage.notes, "garbage collection ran during trials, as it does in production");
  struct finding *finding = fixture_finding(
      run, FINDING_INVARIANT, "conserved: arroyo.consumer.run.count: added 6000, emitted 5998 and 0 remain: 2 lost",
      NULL, 1204);
  finding->schedule = mem_dup("schedules/00ff00ff00ff00ff.flood");
  finding->switches = 3;
  finding->fingerprint = mem_dup("00ff00ff00ff00ff");
}

static inline void fixture_ordinary(struct result *result) {
  *result = (struct result){0};
  result->tool = mem_dup("flashflood 0.1.0");
  result->command = mem_dup("flashflood check sentry-arroyo==2.36.0 "
                            "sentry-arroyo==2.36.0+patches/arroyo_processor_fix.patch sentry-arroyo==2.37.1");
  result->platform = mem_dup("Linux 6.1 x86_64, 2 cores");
  fixture_detector(result);
  fixture_buffer(result);
  struct run *run = fixture_run(result, "stuck_detector", "sentry-arroyo==2.37.1", VERDICT_PASS);
  fixture_expect(run, "pass", TRI_TRUE, "the detector reports past the buffer (upstream #517)");
  coverage_set_actor(&run->coverage, "consume", 1, 2481);
  coverage_set_reached(&run->coverage, "detector reported", 2481);
  run = fixture_run(result, "stuck_detector", "sentry-arroyo==2.33.1", VERDICT_INCONCLUSIVE);
  run->why = mem_dup("the detector never reported in 2,481 trials: this release has none");
  coverage_set_reached(&run->coverage, "detector reported", 0);
}

static inline void fixture_step(struct finding *finding, const char *thread, const char *function, uint64_t line,
                                const char *source, bool switched) {
  struct step *step = finding_add_step(finding);
  step->thread = mem_dup(thread);
  step->function = mem_dup(function);
  step->file = mem_dup("arroyo/processing/processor.py");
  step->line = line;
  step->source = mem_dup(source);
  step->switched = switched;
}

static inline struct run *fixture_explored_run(struct result *result, const char *target, enum verdict verdict) {
  struct run *run = fixture_run(result, "metrics_buffer", target, verdict);
  free(run->engine), free(run->carrier), free(run->points), free(run->strategy), free(run->replay);
  run->engine = mem_dup("explore");
  run->carrier = mem_dup("fiber");
  run->points = mem_dup("gil");
  run->strategy = mem_dup("exhaustive");
  run->replay = mem_printf("flashflood explore metrics_buffer --target '%s' --strategy exhaustive --seed 42", target);
  run->tsan = false;
  coverage_set_actor(&run->coverage, "work", 1, 9924);
  coverage_set_actor(&run->coverage, "report", 1, 2481);
  return run;
}

/* What was found is confirmed on real threads. */
static inline void fixture_explored_failure(struct result *result) {
  struct run *run = fixture_explored_run(result, "sentry-arroyo==2.36.0", VERDICT_FAIL);
  run->claim = mem_dup("every schedule with up to 1 preemption (1,204 schedules) was run");
  run->bound = 1;
  struct finding *finding =
      fixture_finding(run, FINDING_DICT_CHANGED_SIZE, "RuntimeError: dictionary changed size during iteration",
                      "arroyo/processing/processor.py:157 in MetricsBuffer.flush", 29);
  finding->actor = mem_dup("report");
  finding->traceback = mem_dup(FIXTURE_TRACEBACK);
  finding->fingerprint = mem_dup("0123456789abcdef");
  finding->switches = 2;
  finding->schedule = mem_dup("schedules/0123456789abcdef.flood");
  finding->replay = mem_dup(
      "flashflood replay out/schedules/0123456789abcdef.flood --target 'sentry-arroyo==2.36.0' --carrier fiber");
  for (uint64_t line = 120; line < 150; line++) {
    fixture_step(finding, "report", "MetricsBuffer.incr_counter", line, "        self.__throttled_record()", false);
  }
  fixture_step(finding, "report", "MetricsBuffer.flush", 157,
               "        for metric, value in self.__timers.items():", true);
  fixture_step(finding, "work", "MetricsBuffer.incr_counter", 171, "        self.__counters[metric] += value", false);
  fixture_step(finding, "report", "MetricsBuffer.flush", 157,
               "        for metric, value in self.__timers.items():  # a line that is longer than its column can be",
               false);
}

static inline void fixture_explored_bytecode(struct result *result) {
  struct run *run = fixture_explored_run(result, "sentry-arroyo==2.36.0", VERDICT_FAIL);
  free(run->points);
  run->points = mem_dup("bytecode");
  struct finding *finding = fixture_finding(run, FINDING_INVARIANT, "AssertionError: lost: {'a': 1}", NULL, 3);
  free(finding->reachable);
  finding->reachable = mem_dup("bytecode");
  finding->confirmed = TRI_UNKNOWN;
  finding->switches = 3;
  finding->schedule = mem_dup("schedules/00ff00ff00ff00ff.flood");
  finding->fingerprint = mem_dup("00ff00ff00ff00ff");
  finding->replay = mem_dup("flashflood replay out/schedules/00ff00ff00ff00ff.flood --target x --carrier fiber");
  fixture_step(finding, "work", "MetricsBuffer.incr_counter", 171, "self.__counters[metric] += value", true);
  fixture_step(finding, "work-2", "MetricsBuffer.incr_counter", 171, "self.__counters[metric] += value", false);
  fixture_step(finding, "report", "MetricsBuffer.flush", 160, "self.__reset()", false);
  fixture_step(finding, "work", "MetricsBuffer.incr_counter", 172, "self.__throttled_record()", false);
}

static inline void fixture_replay(struct result *result, const char *outcome, enum verdict verdict, int64_t line) {
  struct run *run = fixture_explored_run(result, "sentry-arroyo==2.37.1", verdict);
  free(run->engine), free(run->strategy);
  run->engine = mem_dup("replay");
  run->strategy = mem_dup("replay");
  run->schedules = 1;
  run->replayed = (struct replayed){mem_dup(outcome), line, NULL};
  if (line >= 0) {
    run->replayed.detail = mem_dup("report ended before the place of its switch");
    run->why = mem_printf("the schedule %s at line %d", outcome, (int)line);
  }
}

/* What explore finds, what its passes are worth, and what replays say. */
static inline void fixture_explored(struct result *result) {
  *result = (struct result){0};
  result->tool = mem_dup("flashflood 0.1.0");
  result->command = mem_dup("flashflood explore metrics_buffer --target sentry-arroyo==2.36.0");
  result->platform = mem_dup("Linux 6.1 x86_64, 2 cores");
  fixture_explored_failure(result);
  fixture_explored_bytecode(result);
  struct run *run = fixture_explored_run(result, "sentry-arroyo==2.37.0", VERDICT_PASS);
  run->claim = mem_dup("every schedule with up to 2 preemptions (31,204 schedules) was run");
  run->bound = 2;
  run = fixture_explored_run(result, "sentry-arroyo==2.37.1", VERDICT_PASS);
  run->claim = mem_dup("every schedule was run, or one that is equivalent to it (12 schedules)");
  run->complete = true;
  run = fixture_explored_run(result, "sentry-arroyo==2.37.1", VERDICT_PASS);
  free(run->strategy);
  run->strategy = mem_dup("pct");
  run->claim = mem_dup("a bug of depth 3 would have been missed with a probability of at most 0.04");
  fixture_replay(result, "passes", VERDICT_PASS, -1);
  fixture_replay(result, "diverged", VERDICT_INCONCLUSIVE, 12);
}

static inline void fixture_suppression(struct result *result, const char *what, const char *pattern, uint64_t line,
                                       uint64_t used) {
  struct suppression *suppression = result_add_suppression(result);
  suppression->what = mem_dup(what);
  suppression->pattern = mem_dup(pattern);
  suppression->reason = mem_dup("each consumer has its own");
  suppression->line = line;
  suppression->used = used;
}

/* Quotes, newlines, controls, markup, fences, pipes, right-to-left, and bytes that are not UTF-8 (a stray continuation,
 * an overlong slash, a surrogate, a value that is too high, and a character cut off at the end). */
#define FIXTURE_HOSTILE                                                                                                \
  "a\"b'c\\d\r\n\tend ]]> --> <script>alert(1)</script> & &amp; | pipe `code` ```` *b* _u_ [x](y) ![i](j) ~~s~~ $m$ "  \
  "\x1b[31mred\x1b[0m \x07\x7f\xc2\x85 \xe2\x80\xaertl\xe2\x80\xac \xe2\x81\xa6iso\xe2\x81\xa9 "                       \
  "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd9\x85\xd8\xb1 @everyone http://evil.test </details> \xef\xbf\xbe "              \
  "\x80 \xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x8c\x8a \xe2\x82"

static inline void fixture_hostile_explore(struct run *run) {
  struct finding *finding = &run->findings[0];
  run->claim = mem_dup(FIXTURE_HOSTILE);
  run->bound = INT64_MAX;
  run->replayed = (struct replayed){mem_dup("diverged"), 12, mem_dup(FIXTURE_HOSTILE)};
  finding->replay = mem_dup("flashflood replay '" FIXTURE_HOSTILE "'");
  finding->schedule = mem_dup(FIXTURE_HOSTILE);
  for (int i = 0; i < 4; i++) {
    struct step *step = finding_add_step(finding);
    step->thread = mem_dup(i % 2 ? FIXTURE_HOSTILE : "\xe4\xbd\xa0\xe5\xa5\xbd");
    step->function = mem_dup(FIXTURE_HOSTILE);
    step->file = mem_dup(FIXTURE_HOSTILE);
    step->line = i == 2 ? UINT64_MAX : 7;
    step->source = i == 3 ? NULL : mem_dup(FIXTURE_HOSTILE);
    step->switched = i == 0;
  }
}

static inline void fixture_hostile_race(struct run *run) {
  struct finding *finding = &run->findings[FINDING_DATA_RACE];
  finding->race = mem_alloc(sizeof *finding->race);
  finding->race->container = mem_dup(FIXTURE_HOSTILE);
  finding->race->key = mem_dup(FIXTURE_HOSTILE);
  finding->race->report = mem_dup(FIXTURE_HOSTILE);
  finding->race->report_file = mem_dup(FIXTURE_HOSTILE);
  race_add_access(finding->race); /* of which nothing is known but that it was */
  struct race_access *access = race_add_access(finding->race);
  access->thread = mem_dup(FIXTURE_HOSTILE);
  access->started = mem_dup(FIXTURE_HOSTILE);
  access->operation = mem_dup("write");
  access->function = mem_dup(FIXTURE_HOSTILE);
  access->file = mem_dup(FIXTURE_HOSTILE);
  access->line = UINT64_MAX;
  strlist_add(&access->stack, FIXTURE_HOSTILE);
  strlist_add(&access->stack, "");
}

static inline void fixture_hostile(struct result *result) {
  *result = (struct result){.cut_short = true, .expect_known = true};
  result->tool = mem_dup("flashflood " FIXTURE_HOSTILE);
  result->command = mem_dup(FIXTURE_HOSTILE);
  result->platform = mem_dup(FIXTURE_HOSTILE);
  struct run *run = fixture_run(result, FIXTURE_HOSTILE, FIXTURE_HOSTILE, VERDICT_FAIL);
  run->summary = mem_dup(FIXTURE_HOSTILE);
  fixture_expect(run, "pass", TRI_FALSE, FIXTURE_HOSTILE);
  run->expected.unmet = mem_dup(FIXTURE_HOSTILE);
  strlist_add(&run->patches, FIXTURE_HOSTILE);
  strlist_add(&run->coverage.notes, FIXTURE_HOSTILE);
  coverage_set_actor(&run->coverage, FIXTURE_HOSTILE, 1, UINT64_MAX);
  coverage_set_reached(&run->coverage, FIXTURE_HOSTILE, 1);
  run->seed = UINT64_MAX;
  for (int kind = 0; kind < FINDING_KINDS; kind++) {
    struct finding *finding = fixture_finding(run, (enum finding_kind)kind, FIXTURE_HOSTILE, FIXTURE_HOSTILE, 1);
    finding->actor = mem_dup(FIXTURE_HOSTILE);
    finding->traceback = mem_dup("`````\n```\n</details>\n" FIXTURE_HOSTILE "\n~~~\n````````text\n# heading\n");
  }
  fixture_hostile_explore(run);
  fixture_hostile_race(run);
  fixture_suppression(result, "function", FIXTURE_HOSTILE, UINT64_MAX, 0);
  run = fixture_run(result, "known", "./my+checkout/a.patch", VERDICT_FAIL);
  fixture_expect(run, "fail", TRI_TRUE, FIXTURE_HOSTILE);
  fixture_finding(run, FINDING_CRASH, "", NULL, 1);
  run = fixture_run(result, "missed", "x", VERDICT_PASS);
  fixture_expect(run, "fail", TRI_FALSE, NULL);
  run->expected.unmet = mem_dup(FIXTURE_HOSTILE);
  run = fixture_run(result, "unsure", "x", VERDICT_INCONCLUSIVE);
  run->why = mem_dup(FIXTURE_HOSTILE);
  run = result_add_run(result); /* a worker that died before it said anything */
  run->scenario = mem_dup("empty");
  run->verdict = VERDICT_INCONCLUSIVE;
}

#endif
