/* How a campaign stands: graded once, for the exit code and for the reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/verdict.h"
#include "platform/mem.h"

static enum verdict overall(enum verdict verdict, enum tristate met, bool expect_known, bool cut_short) {
  struct result result = {.expect_known = expect_known, .cut_short = cut_short};
  struct run *run = result_add_run(&result);
  run->verdict = verdict;
  run->expected.met = met;
  enum verdict graded = verdict_overall(&result);
  result_free(&result);
  return graded;
}

static void grading_decides_the_overall_verdict(void **state) {
  (void)state;
  struct result none = {0};
  assert_int_equal(verdict_overall(&none), VERDICT_INCONCLUSIVE);
  assert_int_equal(overall(VERDICT_PASS, TRI_UNKNOWN, false, false), VERDICT_PASS);
  assert_int_equal(overall(VERDICT_PASS, TRI_UNKNOWN, false, true), VERDICT_INCONCLUSIVE);
  assert_int_equal(overall(VERDICT_FAIL, TRI_TRUE, false, true), VERDICT_FAIL);
  assert_int_equal(overall(VERDICT_FAIL, TRI_TRUE, true, false), VERDICT_PASS);
  assert_int_equal(overall(VERDICT_FAIL, TRI_UNKNOWN, true, false), VERDICT_FAIL);
  assert_int_equal(overall(VERDICT_FAIL, TRI_FALSE, true, false), VERDICT_FAIL);
  assert_int_equal(overall(VERDICT_PASS, TRI_FALSE, true, false), VERDICT_FAIL);
  assert_int_equal(overall(VERDICT_PASS, TRI_FALSE, false, false), VERDICT_PASS);
  assert_int_equal(overall(VERDICT_INCONCLUSIVE, TRI_TRUE, true, false), VERDICT_INCONCLUSIVE);
  assert_int_equal(overall(VERDICT_INCONCLUSIVE, TRI_FALSE, true, false), VERDICT_INCONCLUSIVE);
}

static void the_worst_run_decides(void **state) {
  (void)state;
  static const enum verdict CASES[][3] = {{VERDICT_PASS, VERDICT_PASS, VERDICT_PASS},
                                          {VERDICT_PASS, VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE},
                                          {VERDICT_INCONCLUSIVE, VERDICT_PASS, VERDICT_INCONCLUSIVE},
                                          {VERDICT_INCONCLUSIVE, VERDICT_FAIL, VERDICT_FAIL},
                                          {VERDICT_FAIL, VERDICT_INCONCLUSIVE, VERDICT_FAIL}};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct result result = {0};
    result_add_run(&result)->verdict = CASES[i][0];
    result_add_run(&result)->verdict = CASES[i][1];
    assert_int_equal(verdict_overall(&result), CASES[i][2]);
    result_free(&result);
  }
}

static struct finding *add_race(struct run *run, enum finding_kind kind, const char *reachable, bool python) {
  struct finding *finding = run_add_finding(run);
  finding->kind = kind;
  finding->count = 2;
  finding->reachable = mem_dup(reachable);
  finding->race = python ? mem_alloc(sizeof *finding->race) : NULL;
  return finding;
}

static void races_by_the_language_fail_only_where_asked(void **state) {
  (void)state;
  static const struct {
    const char *policy, *outcome;
    bool fails;
  } CASES[] = {{NULL, NULL, false},
               {"show", NULL, false},
               {"off", NULL, false},
               {"fail", NULL, true},
               {"show", "passes", false},
               {"show", "fails the same", true},
               {"show", "fails otherwise", true}};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct run run = {.races.policy = mem_dup(CASES[i].policy), .replayed.outcome = mem_dup(CASES[i].outcome)};
    add_race(&run, FINDING_DATA_RACE, RACE_BY_LANGUAGE, true);
    assert_int_equal(run_is_failed(&run), CASES[i].fails);
    assert_int_equal(run_count_failing(&run, FINDING_DATA_RACE), CASES[i].fails ? 2 : 0);
    add_race(&run, FINDING_DATA_RACE, "gil", true);
    assert_true(run_is_failed(&run));
    assert_int_equal(run_count_failing(&run, FINDING_DATA_RACE), CASES[i].fails ? 4 : 2);
    run_free(&run);
  }
}

static void races_are_tallied_by_how_they_hold(void **state) {
  (void)state;
  struct run run = {.races = {.language = 9, .suppressed = 4}};
  add_race(&run, FINDING_DATA_RACE, RACE_BY_LANGUAGE, true);
  add_race(&run, FINDING_DATA_RACE, "gil", true);
  add_race(&run, FINDING_DATA_RACE, "bytecode", true);
  add_race(&run, FINDING_DATA_RACE, NULL, true);
  add_race(&run, FINDING_DATA_RACE, "gil", false);
  add_race(&run, FINDING_INVARIANT, "gil", false);
  run_tally_races(&run);
  run_tally_races(&run);
  assert_int_equal(run.races.language, 1);
  assert_int_equal(run.races.interpreter, 3);
  assert_int_equal(run.races.native, 1);
  assert_int_equal(run.races.suppressed, 4);
  run_free(&run);
}

static void exit_codes_are_as_documented(void **state) {
  (void)state;
  assert_int_equal(verdict_exit_code(VERDICT_PASS), 0);
  assert_int_equal(verdict_exit_code(VERDICT_FAIL), 1);
  assert_int_equal(verdict_exit_code(VERDICT_INCONCLUSIVE), 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(grading_decides_the_overall_verdict),
      cmocka_unit_test(the_worst_run_decides),
      cmocka_unit_test(races_by_the_language_fail_only_where_asked),
      cmocka_unit_test(races_are_tallied_by_how_they_hold),
      cmocka_unit_test(exit_codes_are_as_documented),
  };
  return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
