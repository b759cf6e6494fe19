/* Grading: what is a pass, what is not, and whether an outcome is the expected one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "campaign/grade.h"
#include "platform/mem.h"

/* A run whose only actor came to its end: nothing found. */
static struct run clean_run(void) {
  struct run run = {.schedules = 10, .expected.met = TRI_UNKNOWN};
  coverage_set_actor(&run.coverage, "work", 2, 20);
  return run;
}

static void add(struct run *run, enum finding_kind kind) {
  struct finding *finding = run_add_finding(run);
  finding->kind = kind;
  finding->count = 1;
}

static const struct ending DONE = {.done = true};

static void clean_and_done_is_a_pass(void **state) {
  (void)state;
  struct run run = clean_run();
  grade_run(&run, &DONE);
  assert_int_equal(run.verdict, VERDICT_PASS);
  assert_null(run.why);
  run_free(&run);
}

static void a_finding_is_a_failure_however_the_run_ended(void **state) {
  (void)state;
  struct run run = clean_run();
  add(&run, FINDING_INVARIANT);
  grade_run(&run, &(struct ending){.cut_short = "interrupted"});
  assert_int_equal(run.verdict, VERDICT_FAIL);
  run_free(&run);
}

static void assert_inconclusive(struct run *run, const struct ending *ending, const char *why) {
  grade_run(run, ending);
  assert_int_equal(run->verdict, VERDICT_INCONCLUSIVE);
  assert_non_null(strstr(run->why, why));
  run_free(run);
}

static void too_little_covered_is_never_a_pass(void **state) {
  (void)state;
  struct strlist must_reach = {0};
  strlist_add(&must_reach, "the detector reported");
  struct run cut = clean_run(), control = clean_run(), silent = clean_run(), none = clean_run(), idle = clean_run(),
             missed = clean_run();
  none.schedules = 0;
  coverage_set_actor(&idle.coverage, "report", 1, 0);
  assert_inconclusive(&cut, &(struct ending){.done = true, .cut_short = "stopped by a signal"}, "stopped by a signal");
  assert_inconclusive(&control, &(struct ending){.done = true, .control_failed = true}, "control failed");
  assert_inconclusive(&silent, &(struct ending){0}, "no trial");
  assert_inconclusive(&none, &DONE, "no trial");
  assert_inconclusive(&idle, &DONE, "the actor report");
  assert_inconclusive(&missed, &(struct ending){.done = true, .must_reach = &must_reach}, "the detector reported");
  strlist_free(&must_reach);
}

static void expect(struct run *run, const char *outcome, enum finding_kind must, enum finding_kind may) {
  run->expected.outcome = mem_dup(outcome);
  if (must != FINDING_KINDS) {
    run->expected.must[must] = true;
  }
  if (may != FINDING_KINDS) {
    run->expected.may[may] = true;
  }
}

/* What is found is a set of kinds, as a bit mask. */
static enum tristate met(const char *outcome, enum finding_kind must, enum finding_kind may, unsigned found) {
  struct run run = clean_run();
  expect(&run, outcome, must, may);
  for (int kind = 0; kind < FINDING_KINDS; kind++) {
    if (found & (1u << kind)) {
      add(&run, (enum finding_kind)kind);
    }
  }
  grade_run(&run, &DONE);
  enum tristate result = run.expected.met;
  assert_int_equal(result == TRI_FALSE, run.expected.unmet != NULL);
  run_free(&run);
  return result;
}

static void outcomes_are_held_against_the_table(void **state) {
  (void)state;
  const unsigned changed = 1u << FINDING_DICT_CHANGED_SIZE, invariant = 1u << FINDING_INVARIANT;
  assert_int_equal(met("pass", FINDING_KINDS, FINDING_KINDS, 0), TRI_TRUE);
  assert_int_equal(met("pass", FINDING_KINDS, FINDING_KINDS, invariant), TRI_FALSE);
  assert_int_equal(met("pass", FINDING_KINDS, FINDING_INVARIANT, invariant), TRI_TRUE);
  assert_int_equal(met("fail", FINDING_DICT_CHANGED_SIZE, FINDING_KINDS, changed), TRI_TRUE);
  assert_int_equal(met("fail", FINDING_DICT_CHANGED_SIZE, FINDING_KINDS, 0), TRI_FALSE);
  assert_int_equal(met("fail", FINDING_DICT_CHANGED_SIZE, FINDING_KINDS, changed | invariant), TRI_FALSE);
  assert_int_equal(met("fail", FINDING_DICT_CHANGED_SIZE, FINDING_INVARIANT, changed | invariant), TRI_TRUE);
  assert_int_equal(met("fail", FINDING_DICT_CHANGED_SIZE, FINDING_INVARIANT, invariant), TRI_FALSE);
}

static void an_inconclusive_run_meets_no_expectation(void **state) {
  (void)state;
  struct run run = clean_run();
  expect(&run, "pass", FINDING_KINDS, FINDING_KINDS);
  grade_run(&run, &(struct ending){0});
  assert_int_equal(run.expected.met, TRI_FALSE);
  run_free(&run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(clean_and_done_is_a_pass),
      cmocka_unit_test(a_finding_is_a_failure_however_the_run_ended),
      cmocka_unit_test(too_little_covered_is_never_a_pass),
      cmocka_unit_test(outcomes_are_held_against_the_table),
      cmocka_unit_test(an_inconclusive_run_meets_no_expectation),
  };
  return cmocka_run_group_tests_name("grade", tests, NULL, NULL);
}
