/* Each report of each fixture against its golden file; FLASHFLOOD_UPDATE_GOLDEN=1 writes them anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/text.h"
#include "platform/fs.h"
#include "reports/format.h"
#include "reports/phrases.h"
#include "tests/unit/matrix_fixture.h"
#include "tests/unit/race_fixture.h"

static const struct report_style PLAIN = {.colour = false, .width = 80};
static const struct report_style COLOURED = {.colour = true, .width = 80};

typedef void fixture(struct result *result);

static char *rendered(fixture *make, const char *format, const struct report_style *style) {
  struct result result;
  struct buf out = {0};
  make(&result);
  const struct report_format *found = formats_find(format);
  assert_non_null(found);
  found->render(&result, style, &out);
  result_free(&result);
  return buf_take(&out);
}

static void expect_golden(fixture *make, const char *format, const char *file) {
  struct err err = ERR_INIT;
  struct buf golden = {0};
  char *path = mem_printf("tests/golden/%s", file);
  char *text = rendered(make, format, &PLAIN);
  if (getenv("FLASHFLOOD_UPDATE_GOLDEN")) {
    assert_true(fs_make_dirs("tests/golden", &err) && fs_write(path, text, strlen(text), &err));
  }
  if (!fs_read(path, &golden, &err)) {
    fail_msg("%s (FLASHFLOOD_UPDATE_GOLDEN=1 writes it)", err.msg);
  }
  if (strcmp(text, buf_text(&golden)) != 0) {
    fail_msg("the %s report differs from %s (FLASHFLOOD_UPDATE_GOLDEN=1 writes it anew, git diff shows how):\n%s",
             format, path, text);
  }
  buf_free(&golden);
  free(text);
  free(path);
}

static void reports_are_as_they_were(void **state) {
  (void)state;
  expect_golden(fixture_ordinary, "text", "ordinary.txt");
  expect_golden(fixture_ordinary, "json", "ordinary.json");
  expect_golden(fixture_ordinary, "junit", "ordinary.xml");
  expect_golden(fixture_ordinary, "markdown", "ordinary.md");
  expect_golden(fixture_explored, "text", "explored.txt");
  expect_golden(fixture_explored, "json", "explored.json");
  expect_golden(fixture_explored, "junit", "explored.xml");
  expect_golden(fixture_explored, "markdown", "explored.md");
  expect_golden(fixture_matrix, "text", "matrix.txt");
  expect_golden(fixture_matrix, "json", "matrix.json");
  expect_golden(fixture_matrix, "markdown", "matrix.md");
  expect_golden(fixture_matrix, "grid", "matrix.grid.json");
  expect_golden(fixture_bisection, "text", "bisection.txt");
  expect_golden(fixture_bisection, "json", "bisection.json");
  expect_golden(fixture_bisection, "markdown", "bisection.md");
  expect_golden(fixture_races, "text", "races.txt");
  expect_golden(fixture_races, "json", "races.json");
  expect_golden(fixture_races, "junit", "races.xml");
  expect_golden(fixture_races, "markdown", "races.md");
  expect_golden(fixture_hostile, "text", "hostile.txt");
  expect_golden(fixture_hostile, "json", "hostile.json");
  expect_golden(fixture_hostile, "junit", "hostile.xml");
  expect_golden(fixture_hostile, "markdown", "hostile.md");
}

static void every_format_bears_an_empty_result(void **state) {
  (void)state;
  struct result empty = {0};
  for (size_t i = 0; i < formats_count(); i++) {
    const struct report_format *format = formats_at(i);
    struct buf out = {0};
    format->render(&empty, &PLAIN, &out);
    assert_true(out.len > 0);
    assert_int_equal(out.data[out.len - 1], '\n');
    buf_free(&out);
  }
}

/* Escape sequences are ours or none: without colours no control byte but the newline leaves, with them only SGR. */
static void nothing_hostile_reaches_a_terminal(void **state) {
  (void)state;
  char *plain = rendered(fixture_hostile, "text", &PLAIN);
  uint32_t c;
  for (const char *at = plain; *at; at += text_next(at, &c)) {
    text_next(at, &c);
    assert_true(c == '\n' || (c >= 0x20 && (c < 0x7F || c > 0x9F)));
    assert_false((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069));
  }
  char *coloured = rendered(fixture_hostile, "text", &COLOURED);
  for (const char *at = coloured; (at = strchr(at, '\033')); at++) {
    assert_int_equal(at[1], '[');
    assert_int_equal(at[2 + strspn(at + 2, "0123456789;")], 'm');
  }
  assert_non_null(strstr(coloured, "\033["));
  free(plain);
  free(coloured);
}

/* Colours add nothing that words do not say. */
static void colours_alone_say_nothing(void **state) {
  (void)state;
  char *plain = rendered(fixture_ordinary, "text", &PLAIN);
  char *coloured = rendered(fixture_ordinary, "text", &COLOURED);
  char *to = coloured;
  for (const char *from = coloured; *from;) {
    if (*from == '\033') {
      from = strchr(from, 'm') + 1;
    } else {
      *to++ = *from++;
    }
  }
  *to = '\0';
  assert_string_equal(plain, coloured);
  free(plain);
  free(coloured);
}

static void expect_width(fixture *make, const struct report_style *style) {
  char *text = rendered(make, "text", style);
  char *rest = NULL;
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    bool copied = strstr(line, "replay: ") || strstr(line, "the run again: ") || strstr(line, "File \"") ||
                  strstr(line, "arroyo_processor_fix.patch") ||
                  (strncmp(line, "        ", 8) == 0 && strstr(line, ".py:"));
    if (!copied && text_width(line) > style->width) {
      fail_msg("more than %d columns: %s", style->width, line);
    }
  }
  free(text);
}

/* Only what has to survive copying is wider: a command, a traceback, a stack. */
static void text_fits_its_width(void **state) {
  (void)state;
  static const int WIDTHS[] = {60, 80, 120};
  for (size_t i = 0; i < sizeof WIDTHS / sizeof *WIDTHS; i++) {
    struct report_style style = {.width = WIDTHS[i]};
    expect_width(fixture_ordinary, &style);
    expect_width(fixture_explored, &style);
    expect_width(fixture_races, &style);
    expect_width(fixture_matrix, &style);
    expect_width(fixture_bisection, &style);
  }
}

static void numbers_have_separators(void **state) {
  (void)state;
  static const struct {
    uint64_t number;
    const char *text;
  } CASES[] = {
      {0, "0"}, {999, "999"}, {1000, "1,000"}, {123456, "123,456"}, {UINT64_MAX, "18,446,744,073,709,551,615"}};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    char *text = phrase_number(CASES[i].number);
    assert_string_equal(text, CASES[i].text);
    free(text);
  }
}

static void expect_target(const char *target, const char *want) {
  struct run run = {.target = mem_dup(target)};
  char *have = phrase_target(&run);
  assert_string_equal(have, want);
  free(have);
  free(run.target);
}

static void targets_lose_the_folders_of_patches(void **state) {
  (void)state;
  expect_target("sentry-arroyo==2.36.0", "sentry-arroyo==2.36.0");
  expect_target("sentry-arroyo==2.36.0+a/b/c.patch+/d/e.diff", "sentry-arroyo==2.36.0+c.patch+e.diff");
  expect_target("../my/checkout", "../my/checkout");
  expect_target("/srv/a+b/arroyo", "/srv/a+b/arroyo");
  expect_target("x+", "x+");
  expect_target("", "");
  expect_target(NULL, "");
}

static void add_long_runs(struct result *result) {
  *result = (struct result){0};
  char *long_text = mem_alloc(200001);
  memset(long_text, '`', 200000);
  for (int i = 0; i < 3000; i++) {
    struct run *run = fixture_run(result, "metrics_buffer", "sentry-arroyo==2.36.0", VERDICT_FAIL);
    struct finding *finding = fixture_finding(run, FINDING_CRASH, i ? "crash" : long_text, NULL, 1);
    finding->traceback = mem_dup(i < 100 ? long_text : "short");
  }
  free(long_text);
}

static void a_step_summary_holds_the_markdown(void **state) {
  (void)state;
  char *text = rendered(add_long_runs, "markdown", &PLAIN);
  assert_true(strlen(text) < (size_t)1024 * 1024);
  assert_non_null(strstr(text, "more findings are in result.json"));
  assert_non_null(strstr(text, "more runs are in result.json"));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reports_are_as_they_were),
      cmocka_unit_test(every_format_bears_an_empty_result),
      cmocka_unit_test(nothing_hostile_reaches_a_terminal),
      cmocka_unit_test(colours_alone_say_nothing),
      cmocka_unit_test(text_fits_its_width),
      cmocka_unit_test(numbers_have_separators),
      cmocka_unit_test(targets_lose_the_folders_of_patches),
      cmocka_unit_test(a_step_summary_holds_the_markdown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
