/* Halving: which releases are looked at, and what is found, for defects that come, go, and come again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "campaign/halving.h"
#include "platform/buf.h"
#include "platform/mem.h"

enum { MOST = 300 };

/* `truth`: g good, b bad, s cannot be tried; from the oldest on. Returns how many were looked at. */
static size_t halve(const char *truth, enum probe *probes) {
  size_t count = strlen(truth), tried = 0;
  memset(probes, 0, MOST * sizeof *probes);
  for (size_t at; (at = halving_next(probes, count)) != HALVING_DONE; tried++) {
    assert_true(at < count);
    assert_int_equal(probes[at], PROBE_UNKNOWN);
    probes[at] = truth[at] == 'g' ? PROBE_GOOD : truth[at] == 'b' ? PROBE_BAD : PROBE_SKIPPED;
  }
  return tried;
}

/* The changes as text: "3-4+ 6-7-" (it came between 3 and 4, and went between 6 and 7). */
static void expect(const char *truth, const char *want) {
  enum probe probes[MOST];
  struct buf text = {0};
  size_t before, after;
  halve(truth, probes);
  for (size_t from = 0; halving_change(probes, strlen(truth), from, &before, &after); from = after) {
    buf_printf(&text, "%s%zu-%zu%c", text.len ? " " : "", before, after, probes[after] == PROBE_BAD ? '+' : '-');
  }
  assert_string_equal(buf_text(&text), want);
  buf_free(&text);
}

static void one_change(void **state) {
  (void)state;
  expect("ggggbbbb", "3-4+");
  expect("bbgggggg", "1-2-");
  expect("gb", "0-1+");
}

static void it_comes_and_goes(void **state) {
  (void)state;
  expect("gggbbbgg", "2-3+ 5-6-");
  expect("gbgggggggggggggg", "0-1+ 1-2-");
  expect("ggggggggggggggbg", "13-14+ 14-15-");
}

static void nothing_changes(void **state) {
  (void)state;
  enum probe probes[MOST];
  expect("gggg", "");
  expect("bbbb", "");
  expect("g", "");
  expect("s", "");
  expect("", "");
  assert_int_equal(halve("bbbbbbbb", probes), 2); /* nothing says that it was ever gone */
  assert_int_equal(halve("gggggggg", probes), 8); /* and nothing that it never came */
}

static void what_cannot_be_tried_is_stepped_over(void **state) {
  (void)state;
  expect("gggsbbb", "2-4+");
  expect("ssggbbss", "3-4+");
  expect("gssssb", "0-5+");
  expect("sssss", "");
}

/* Every place where a defect that is there once can come and go, in all lengths up to 40. */
static void any_one_range_is_found(void **state) {
  (void)state;
  for (size_t count = 3; count <= 40; count++) {
    for (size_t from = 1; from < count - 1; from++) {
      for (size_t to = from + 1; to < count; to++) {
        char truth[MOST] = {0};
        memset(truth, 'g', count);
        memset(truth + from, 'b', to - from);
        char *want = mem_printf("%zu-%zu+ %zu-%zu-", from - 1, from, to - 1, to);
        expect(truth, want);
        free(want);
      }
    }
  }
}

/* It came and went more than once: each change that is told is one, though not all need be told. */
static void each_change_that_is_told_is_one(void **state) {
  (void)state;
  static const char TRUTH[] = "ggbbgggbbbbbggggggbggg";
  enum probe probes[MOST];
  size_t before, after, changes = 0;
  halve(TRUTH, probes);
  for (size_t from = 0; halving_change(probes, strlen(TRUTH), from, &before, &after); from = after) {
    assert_int_equal(after, before + 1);
    assert_true(TRUTH[before] != TRUTH[after]);
    changes++;
  }
  assert_true(changes >= 2);
}

static void few_are_looked_at(void **state) {
  (void)state;
  enum probe probes[MOST];
  char truth[MOST] = {0};
  memset(truth, 'g', 256);
  memset(truth + 100, 'b', 60);
  assert_true(halve(truth, probes) <= halving_likely(256));
  memset(truth + 100, 'b', 156);
  assert_true(halve(truth, probes) <= 2 + 8);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_change),
      cmocka_unit_test(it_comes_and_goes),
      cmocka_unit_test(nothing_changes),
      cmocka_unit_test(what_cannot_be_tried_is_stepped_over),
      cmocka_unit_test(any_one_range_is_found),
      cmocka_unit_test(each_change_that_is_told_is_one),
      cmocka_unit_test(few_are_looked_at),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
