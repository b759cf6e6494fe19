#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/result_json.h"
#include "model/verdict.h"
#include "tests/unit/race_fixture.h"

static char *ordinary_json(void) {
  struct result result;
  fixture_ordinary(&result);
  char *json = result_to_json(&result);
  result_free(&result);
  return json;
}

static void expect_round_trip(struct result *result) {
  struct err err = ERR_INIT;
  struct result again;
  char *first = result_to_json(result);
  bool ok = result_from_json(first, strlen(first), "r.json", &again, &err);
  assert_string_equal(err.msg, "");
  assert_true(ok);
  char *second = result_to_json(&again);
  assert_string_equal(first, second);
  free(first);
  free(second);
  result_free(&again);
  result_free(result);
}

static void round_trips_are_identical(void **state) {
  (void)state;
  struct result result;
  fixture_ordinary(&result);
  expect_round_trip(&result);
  fixture_explored(&result);
  expect_round_trip(&result);
  fixture_races(&result);
  expect_round_trip(&result);
  fixture_hostile(&result);
  expect_round_trip(&result);
  result = (struct result){0};
  expect_round_trip(&result);
}

static void seconds_are_rounded_and_finite(void **state) {
  (void)state;
  static const double VALUES[] = {0.0, 0.1, 1.0 / 3, 1e-9, 86400.0005, 1e300, -1, 0.0 / 0.0, 1.0 / 0.0, 12345678.9};
  for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
    struct result result = {0};
    result_add_run(&result)->seconds = VALUES[i];
    expect_round_trip(&result);
  }
}

static void values_come_back(void **state) {
  (void)state;
  struct err err = ERR_INIT;
  struct result result;
  char *json = ordinary_json();
  assert_true(result_from_json(json, strlen(json), "r.json", &result, &err));
  free(json);
  assert_int_equal(result.run_count, 4);
  const struct run *run = &result.runs[0];
  assert_string_equal(run->scenario, "stuck_detector");
  assert_int_equal(run->seed, 42);
  assert_true(run->tsan);
  assert_int_equal(run->verdict, VERDICT_FAIL);
  assert_int_equal(run->expected.met, TRI_TRUE);
  assert_true(run->expected.must[FINDING_DICT_CHANGED_SIZE]);
  assert_false(run->expected.must[FINDING_INVARIANT]);
  assert_true(run->expected.may[FINDING_DATA_RACE]);
  assert_int_equal(run_count_failing(run, FINDING_DICT_CHANGED_SIZE), 31);
  assert_int_equal(run->findings[0].switches, -1);
  assert_int_equal(result.runs[1].findings[0].switches, 3);
  assert_int_equal(result.runs[3].expected.met, TRI_UNKNOWN);
  assert_null(result.runs[3].expected.outcome);
  result_free(&result);
}

static void expect_refused(const char *json, size_t len, const char *says) {
  struct err err = ERR_INIT;
  struct result result;
  assert_false(result_from_json(json, len, "r.json", &result, &err));
  assert_int_equal(err.code, ERR_USAGE);
  assert_null(strchr(err.msg, '\n'));
  assert_non_null(strstr(err.msg, "'r.json'"));
  if (!strstr(err.msg, says)) {
    fail_msg("\"%s\" does not say \"%s\"", err.msg, says);
  }
  assert_int_equal(result.run_count, 0);
  assert_null(result.runs);
  assert_null(result.tool);
}

static void refuses_what_is_not_a_result(void **state) {
  (void)state;
  static const char *const CASES[][2] = {
      {"", "empty"},
      {"hello", "not JSON"},
      {"hello\x1b[31m\n", "not JSON"},
      {"{\"a\": \"\xff\"}", "not JSON"},
      {"{\"a\": \"\\u0000\"}", "not JSON"},
      {"{\"a\": 1, \"a\": 2}", "not JSON"},
      {"{\"a\": 1e999}", "not JSON"},
      {"{} {}", "not JSON"},
      {"[]", "not a result of flashflood"},
      {"{}", "not a result of flashflood"},
      {"{\"runs\": []}", "not a result of flashflood"},
      {"{\"flashflood\": 1}", "not a result of flashflood"},
      {"{\"flashflood\": {\"schema\": \"1\"}}", "not a result of flashflood"},
      {"{\"flashflood\": {\"schema\": 0}}", "flashflood.schema: there is no schema 0"},
      {"{\"flashflood\": {\"schema\": 2}}", "use the newer flashflood"},
      {"{\"flashflood\": {\"schema\": 1}}", "flashflood.tool: is missing"},
      {"{\"flashflood\": {\"schema\": 1, \"tool\": 3}}", "flashflood.tool: text is needed here, not a whole number"},
      {"{\"flashflood\": {\"schema\": 1, \"tool\": \"t\"}}", "command: is missing"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    expect_refused(CASES[i][0], strlen(CASES[i][0]), CASES[i][1]);
  }
}

/* Cut at any byte, it is refused and says so; only the last newline may be missing. */
static void refuses_what_is_cut_short(void **state) {
  (void)state;
  char *json = ordinary_json();
  size_t whole = strlen(json) - 1;
  for (size_t len = 1; len < whole; len++) {
    char *copy = mem_alloc(len); /* no NUL after it */
    memcpy(copy, json, len);
    struct err err = ERR_INIT;
    struct result result;
    assert_false(result_from_json(copy, len, "r.json", &result, &err));
    assert_int_equal(err.code, ERR_USAGE);
    free(copy);
  }
  expect_refused(json, whole / 2, "cut short");
  expect_refused(json, whole - 1, "cut short");
  free(json);
}

static char *replace(const char *text, const char *old, const char *new) {
  const char *at = strstr(text, old);
  assert_non_null(at);
  return mem_printf("%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

static void refuses_what_was_changed(void **state) {
  (void)state;
  static const char *const CASES[][3] = {
      {"\"runs\": [", "\"ruins\": [", "runs: is missing"},
      {"\"cut_short\": false", "\"cut_short\": 0", "cut_short: true or false is needed here, not a whole number"},
      {"\"scenario\": \"stuck_detector\"", "\"scenario\": null", "runs[0].scenario: text is needed here, not null"},
      {"\"patches\": []", "\"patches\": [1]", "runs[0].patches[0]: text is needed here, not a whole number"},
      {"\"patches\": []", "\"patches\": {}", "runs[0].patches: an array is needed here, not an object"},
      {"\"seed\": 42", "\"seed\": -1", "runs[0].seed: -1 is below 0"},
      {"\"seed\": 42", "\"seed\": 4.5", "runs[0].seed: a whole number is needed here, not a number"},
      {"\"seconds\": 10.012", "\"seconds\": -2.5", "runs[0].seconds: -2.5 is below 0"},
      {"\"seconds\": 10.012", "\"seconds\": \"10\"", "runs[0].seconds: a number is needed here, not text"},
      {"\"verdict\": \"fail\"", "\"verdict\": \"fa\\u001bil\"", "runs[0].verdict: 'fa\\x1bil' is none of pass"},
      {"\"verdict\": \"fail\"", "\"verdict\": 1", "runs[0].verdict: a verdict is needed here"},
      {"\"outcome\": \"fail\"", "\"outcome\": \"x\"", "runs[0].expected.outcome: 'x' is none of pass, fail"},
      {"\"outcome\": \"fail\"", "\"outcome\": null", "runs[0].expected.outcome: text is needed here, not null"},
      {"\"met\": true", "\"met\": \"yes\"", "runs[0].expected.met: true, false or null is needed here"},
      {"\"kinds\": [", "\"kinds\": [\"x\", ", "runs[0].expected.kinds[0]: 'x' is none of dict-changed-size, exception"},
      {"\"kind\": \"dict", "\"kind\": \"dikt", "runs[0].findings[0].kind: 'dikt-changed-size' is none of"},
      {"\"reachable\": \"gil\"", "\"reachable\": \"moon\"", "runs[0].findings[0].reachable: 'moon' is none of gil"},
      {"\"switches\": null", "\"switches\": -1", "runs[0].findings[0].switches: -1 is below 0"},
      {"\"control\": \"passed\"", "\"control\": 1", "runs[0].coverage.control: text or null is needed here"},
      {"\"fingerprint\": \"fedc", "\"fingerprinz\": \"fedc", "runs[0].findings[1].fingerprint: is missing"},
      {"\"findings\": [", "\"findings\": [1, ", "runs[0].findings[0]: an object is needed here"},
      {"\"calls\": 2481", "\"calls\": true", "runs[0].coverage.actors[0].calls: a whole number is needed here"},
  };
  char *json = ordinary_json();
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    char *changed = replace(json, CASES[i][0], CASES[i][1]);
    expect_refused(changed, strlen(changed), CASES[i][2]);
    free(changed);
  }
  free(json);
}

static char *races_json(void) {
  struct result result;
  fixture_races(&result);
  char *json = result_to_json(&result);
  result_free(&result);
  return json;
}

static void races_come_back(void **state) {
  (void)state;
  struct err err = ERR_INIT;
  struct result result;
  char *json = races_json();
  assert_true(result_from_json(json, strlen(json), "r.json", &result, &err));
  free(json);
  const struct race *race = result.runs[0].findings[0].race;
  assert_non_null(race);
  assert_string_equal(race->container, "MetricsBuffer.__counters");
  assert_string_equal(race->effect, "lost update");
  assert_int_equal(race->access_count, 3);
  assert_string_equal(race->accesses[1].operation, "write");
  assert_int_equal(race->accesses[1].line, 124);
  assert_int_equal(race->accesses[1].stack.count, 2);
  assert_null(result.runs[0].findings[3].race);
  assert_true(result.runs[0].races.looked_for);
  assert_int_equal(result.runs[0].races.interpreter, 1);
  assert_int_equal(result.runs[0].races.language, 2);
  assert_int_equal(result.runs[0].races.native, 1);
  assert_string_equal(result.runs[0].races.policy, "show");
  assert_int_equal(result.runs[1].races.suppressed, 2);
  assert_int_equal(result.suppression_count, 2);
  assert_string_equal(result.suppressions[1].pattern, "vendored/[a-z]*.py");
  result_free(&result);
}

static void refuses_races_that_were_changed(void **state) {
  (void)state;
  static const char *const CASES[][3] = {
      {"\"race\": {", "\"race\": 3, \"x\": {", "runs[0].findings[0].race: an object is needed here"},
      {"\"container\": \"MetricsBuffer.__c", "\"contain\": \"MetricsBuffer.__c", "race.container: is missing"},
      {"\"effect\": \"lost update\"", "\"effect\": \"moon\"", "race.effect: 'moon' is none of lost update"},
      {"\"accesses\": [", "\"accesses\": [null, ", "race.accesses[0]: an object is needed here, not null"},
      {"\"operation\": \"read\"", "\"operation\": null", "race.accesses[0].operation: text is needed here"},
      {"\"line\": 131", "\"line\": -131", "race.accesses[0].line: -131 is below 0"},
      {"\"stack\": [", "\"stack\": [7, ", "race.accesses[0].stack[0]: text is needed here"},
      {"\"looked_for\": true", "\"looked_for\": 1", "runs[0].races.looked_for: true or false is needed"},
      {"\"policy\": \"show\"", "\"policy\": null", "runs[0].races.policy: text is needed here"},
      {"\"native\": 1", "\"native\": null", "runs[0].races.native: a whole number is needed"},
      {"\"what\": \"file\"", "\"what\": \"fire\"", "suppressions[1].what: 'fire' is none of container"},
  };
  char *json = races_json();
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    char *changed = replace(json, CASES[i][0], CASES[i][1]);
    expect_refused(changed, strlen(changed), CASES[i][2]);
    free(changed);
  }
  free(json);
}

/* A later version may add members without a new schema number. */
static void passes_over_unknown_members(void **state) {
  (void)state;
  struct err err = ERR_INIT;
  struct result result;
  char *json = ordinary_json();
  char *more = replace(json, "\"seed\": 42", "\"later\": {\"x\": []}, \"seed\": 42");
  assert_true(result_from_json(more, strlen(more), "r.json", &result, &err));
  char *again = result_to_json(&result);
  assert_string_equal(again, json);
  free(again);
  free(more);
  free(json);
  result_free(&result);
}

/* Any one byte changed: read or refused, never a crash or a leak. */
static void survives_any_changed_byte(void **state) {
  (void)state;
  static const char BYTES[] = {'\0', '"', '}', ']', '0', '-', '\xff', 'n'};
  char *json = races_json();
  size_t len = strlen(json);
  for (size_t at = 0; at < len; at += 3) {
    char old = json[at];
    json[at] = BYTES[at / 3 % sizeof BYTES];
    struct err err = ERR_INIT;
    struct result result;
    if (result_from_json(json, len, "r.json", &result, &err)) {
      result_free(&result);
    } else {
      assert_int_equal(err.code, ERR_USAGE);
    }
    json[at] = old;
  }
  free(json);
}

static void survives_deep_nesting(void **state) {
  (void)state;
  struct buf deep = {0};
  for (int i = 0; i < 100000; i++) {
    buf_puts(&deep, "[");
  }
  expect_refused(deep.data, deep.len, "not JSON");
  buf_free(&deep);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(round_trips_are_identical),
      cmocka_unit_test(seconds_are_rounded_and_finite),
      cmocka_unit_test(values_come_back),
      cmocka_unit_test(refuses_what_is_not_a_result),
      cmocka_unit_test(refuses_what_is_cut_short),
      cmocka_unit_test(refuses_what_was_changed),
      cmocka_unit_test(races_come_back),
      cmocka_unit_test(refuses_races_that_were_changed),
      cmocka_unit_test(passes_over_unknown_members),
      cmocka_unit_test(survives_any_changed_byte),
      cmocka_unit_test(survives_deep_nesting),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
