/* A job crosses the exec as JSON: what was asked for comes back, and what was not has its default. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/job.h"
#include "platform/mem.h"

static struct job full_job(void) {
  struct job job = {.mode = mem_dup("run"),
                    .scenario = mem_dup("/s/x.py"),
                    .name = mem_dup("x"),
                    .package = mem_dup("arroyo"),
                    .target = mem_dup("sentry-arroyo==2.36.0"),
                    .engine = mem_dup("replay"),
                    .carrier = mem_dup("fiber"),
                    .points = mem_dup("bytecode"),
                    .strategy = mem_dup("replay"),
                    .seed = INT64_MAX,
                    .threads = 3,
                    .seconds = 2.5,
                    .trials = 7,
                    .switch_interval = 1e-6,
                    .preemptions = 2,
                    .preemptions_given = true,
                    .depth = 3,
                    .step_limit = 100000,
                    .verify = true,
                    .confirm = true,
                    .lift = true,
                    .resume = mem_dup("/r"),
                    .schedule = mem_dup("flashflood schedule 1\nscenario \xc3\xbc\n"),
                    .until = mem_dup("invariant"),
                    .records_fd = 3,
                    .stacks_fd = 4};
  strlist_add(&job.paths, "/a b");
  return job;
}

static void a_round_trip_is_identical(void **state) {
  (void)state;
  struct err err = ERR_INIT;
  struct job job = full_job(), again;
  char *text = job_to_json(&job);
  assert_true(job_from_json(text, &again, &err));
  char *second = job_to_json(&again);
  assert_string_equal(text, second);
  assert_true(again.preemptions_given && again.verify && again.confirm && again.lift);
  assert_int_equal(again.preemptions, 2);
  assert_int_equal(again.depth, 3);
  assert_int_equal(again.step_limit, 100000);
  assert_string_equal(again.schedule, job.schedule);
  assert_string_equal(again.target, job.target);
  assert_string_equal(again.resume, "/r");
  free(text);
  free(second);
  job_free(&job);
  job_free(&again);
}

static void what_is_not_said_has_its_default(void **state) {
  (void)state;
  struct err err = ERR_INIT;
  struct job job;
  assert_true(job_from_json("{}", &job, &err));
  assert_string_equal(job.mode, "run");
  assert_string_equal(job.engine, "stress");
  assert_int_equal(job.preemptions, -1);
  assert_false(job.preemptions_given || job.verify || job.confirm || job.lift);
  assert_null(job.schedule);
  assert_null(job.resume);
  assert_null(job.target);
  assert_int_equal(job.records_fd, -1);
  job_free(&job);
}

static void what_is_no_job_is_refused(void **state) {
  (void)state;
  static const char *const CASES[] = {"",
                                      "[]",
                                      "{\"depth\": \"3\"}",
                                      "{\"verify\": 1}",
                                      "{\"lift\": \"yes\"}",
                                      "{\"schedule\": 3}",
                                      "{\"preemptions\": 1.5}",
                                      "{\"seed\": []}"};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct err err = ERR_INIT;
    struct job job;
    assert_false(job_from_json(CASES[i], &job, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.msg, "the job"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_round_trip_is_identical),
      cmocka_unit_test(what_is_not_said_has_its_default),
      cmocka_unit_test(what_is_no_job_is_refused),
  };
  return cmocka_run_group_tests_name("job", tests, NULL, NULL);
}
