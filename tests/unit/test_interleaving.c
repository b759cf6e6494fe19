/* The columns of an interleaving: in order, within their width, whatever stands in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "reports/interleaving.h"
#include "tests/unit/result_fixture.h"

static void add(struct finding *finding, const char *thread, uint64_t line, const char *source, bool switched) {
  fixture_step(finding, thread, "Buffer.flush", line, source, switched);
}

static void expect(struct finding *finding, int width, const char *want) {
  char *text = interleaving_text(finding, width);
  assert_string_equal(text, want);
  free(text);
  finding_free(finding);
}

static void two_threads_have_a_column_each(void **state) {
  (void)state;
  struct finding finding = {
      .kind = FINDING_EXCEPTION, .message = mem_dup("KeyError: 1\nmore"), .actor = mem_dup("one")};
  add(&finding, "one", 7, "    for key in d:", true);
  add(&finding, "two", 12, "\td[key] = 1", false);
  add(&finding, "one", 7, "    for key in d:", false);
  expect(&finding, 100,
         "     one                                 two\n"
         "     in Buffer.flush, processor.py\n"
         "  7  for key in d:\n"
         "     switched ---->\n"
         "                                         in Buffer.flush, processor.py\n"
         "                                     12  d[key] = 1\n"
         "                                         <---- ended\n"
         "  7  for key in d:\n"
         "     => KeyError: 1\n");
}

static void nothing_gives_nothing(void **state) {
  (void)state;
  struct finding finding = {0};
  assert_null(interleaving_text(&finding, 80));
}

static void expect_fits(const struct finding *finding, int width) {
  char *text = interleaving_text(finding, width);
  char *rest = NULL;
  size_t lines = 0;
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    assert_true(text_width(line) <= width);
    assert_true(*line == '\0' || line[strlen(line) - 1] != ' ');
    lines++;
  }
  assert_true(lines > 0 && lines < 100);
  free(text);
}

static void any_interleaving_fits_its_width(void **state) {
  (void)state;
  static const size_t THREADS[] = {1, 2, 3, 4, 7, 64, 100};
  static const int WIDTHS[] = {34, 54, 74, 100};
  for (size_t t = 0; t < sizeof THREADS / sizeof *THREADS; t++) {
    struct finding finding = {.kind = FINDING_INVARIANT, .message = mem_dup(FIXTURE_HOSTILE)};
    for (size_t i = 0; i < 1000; i++) {
      char name[40];
      snprintf(name, sizeof name, "thread with a name %zu", i / (1 + i % 40) % THREADS[t]);
      add(&finding, name, i * i, i % 3 ? FIXTURE_HOSTILE : "x", i % 2);
    }
    for (size_t w = 0; w < sizeof WIDTHS / sizeof *WIDTHS; w++) {
      expect_fits(&finding, WIDTHS[w]);
    }
    finding_free(&finding);
  }
}

static void what_one_thread_does_at_length_is_left_out_in_the_middle(void **state) {
  (void)state;
  struct finding finding = {.kind = FINDING_DEADLOCK};
  for (uint64_t line = 1; line <= 50; line++) {
    add(&finding, "one", line, "x", false);
  }
  char *text = interleaving_text(&finding, 80);
  assert_non_null(strstr(text, "  5  x\n     … 40 lines …\n 46  x\n"));
  assert_non_null(strstr(text, "=> deadlock\n"));
  free(text);
  finding_free(&finding);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_threads_have_a_column_each),
      cmocka_unit_test(nothing_gives_nothing),
      cmocka_unit_test(any_interleaving_fits_its_width),
      cmocka_unit_test(what_one_thread_does_at_length_is_left_out_in_the_middle),
  };
  return cmocka_run_group_tests_name("interleaving", tests, NULL, NULL);
}
