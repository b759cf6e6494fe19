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

/* A race by the language: shown, unless `policy` says otherwise. */
static struct run racy_run(const char *policy, bool looked_for) {
  struct run run = clean_run();
  add(&run, FINDING_DATA_RACE);
  run.findings[0].reachable = mem_dup(RACE_BY_LANGUAGE);
  run.races.looked_for = looked_for;
  run.races.policy = mem_dup(policy);
  return run;
}

static void a_race_that_is_shown_decides_nothing(void **state) {
  (void)state;
  struct run shown = racy_run("show", true), failing = racy_run("fail", true), doubtful = racy_run("show", true);
  expect(&shown, "pass", FINDING_KINDS, FINDING_KINDS);
  expect(&failing, "pass", FINDING_KINDS, FINDING_KINDS);
  grade_run(&shown, &DONE);
  grade_run(&failing, &DONE);
  assert_int_equal(shown.verdict, VERDICT_PASS);
  assert_int_equal(shown.expected.met, TRI_TRUE);
  assert_int_equal(shown.races.language, 1);
  assert_int_equal(failing.verdict, VERDICT_FAIL);
  assert_int_equal(failing.expected.met, TRI_FALSE);
  run_free(&shown);
  run_free(&failing);
  assert_inconclusive(&doubtful, &(struct ending){.done = true, .cut_short = "stopped"}, "stopped");
}

static void an_expected_race_has_to_come_where_it_is_looked_for(void **state) {
  (void)state;
  for (int looked_for = 0; looked_for < 2; looked_for++) {
    struct run run = racy_run("show", looked_for);
    expect(&run, "fail", FINDING_DATA_RACE, FINDING_KINDS);
    grade_run(&run, &DONE);
    assert_int_equal(run.expected.met, looked_for ? TRI_FALSE : TRI_TRUE);
    run_free(&run);
  }
}

/* Run again, a race by the language is what was asked for; a suppressed one is none. */
static void a_replay_of_a_race_fails(void **state) {
  (void)state;
  static const struct ending REPLAYED = {.done = true, .replays = true};
  struct run again = racy_run("show", true), passes = racy_run("show", true), suppressed = clean_run(),
             vanished = clean_run();
  again.replayed.outcome = mem_dup("fails the same");
  passes.replayed.outcome = mem_dup("passes");
  suppressed.replayed = (struct replayed){mem_dup("fails the same"), -1, NULL};
  suppressed.races.suppressed = 1;
  vanished.replayed = (struct replayed){mem_dup("fails the same"), -1, NULL};
  grade_run(&again, &REPLAYED);
  grade_run(&passes, &REPLAYED);
  grade_run(&suppressed, &REPLAYED);
  assert_int_equal(again.verdict, VERDICT_FAIL);
  assert_int_equal(passes.verdict, VERDICT_PASS);
  assert_int_equal(suppressed.verdict, VERDICT_PASS);
  assert_inconclusive(&vanished, &REPLAYED, "fails the same");
  run_free(&again);
  run_free(&passes);
  run_free(&suppressed);
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
      cmocka_unit_test(a_race_that_is_shown_decides_nothing),
      cmocka_unit_test(an_expected_race_has_to_come_where_it_is_looked_for),
      cmocka_unit_test(a_replay_of_a_race_fails),
      cmocka_unit_test(an_inconclusive_run_meets_no_expectation),
  };
  return cmocka_run_group_tests_name("grade", tests, NULL, NULL);
}
