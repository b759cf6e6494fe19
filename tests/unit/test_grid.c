/* The grid of a matrix: each cell where it belongs, and a note for each that is no pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/matrix_fixture.h"
#include "model/verdict.h"
#include "reports/grid.h"

static void expect_word(const struct grid *grid, size_t row, size_t column, const char *want) {
  char *word = grid_word(grid, grid_at(grid, row, column));
  assert_string_equal(word, want);
  free(word);
}

static void expect_note(const struct grid *grid, size_t row, size_t column, const char *want) {
  size_t note = grid_at(grid, row, column)->note;
  assert_true(note > 0 && note <= grid->note_count);
  char *text = grid_note_text(grid, &grid->notes[note - 1]);
  assert_string_equal(text, want);
  free(text);
}

static void cells_stand_where_they_belong(void **state) {
  (void)state;
  struct result result;
  struct grid grid;
  fixture_matrix(&result);
  grid_make(&result, &grid);
  assert_int_equal(grid.rows, 4);
  assert_int_equal(grid.columns, 2);
  expect_word(&grid, 0, 0, "pass");
  expect_word(&grid, 0, 1, "no [1]");
  expect_word(&grid, 1, 0, "FAIL");
  expect_word(&grid, 1, 1, "FAIL");
  expect_word(&grid, 2, 0, "? [2]");
  expect_word(&grid, 2, 1, "pass");
  expect_word(&grid, 3, 0, "-");
  grid_free(&grid);
  result_free(&result);
}

static void notes_explain_what_is_no_pass(void **state) {
  (void)state;
  struct result result;
  struct grid grid;
  fixture_matrix(&result);
  grid_make(&result, &grid);
  assert_int_equal(grid_at(&grid, 0, 0)->note, 0);
  expect_note(&grid, 0, 1,
              "stuck_detector on 2.37.1, Python 3.13.0t: cannot be installed: sentry-arroyo==2.37.1: no wheel of it "
              "runs here");
  expect_note(&grid, 1, 0, "stuck_detector on 2.36.0, Python 3.11.2: invariant");
  expect_note(&grid, 1, 1, "stuck_detector on 2.36.0, Python 3.13.0t: crash");
  expect_note(&grid, 2, 0,
              "stuck_detector on 2.36.0+fix.patch, Python 3.11.2: inconclusive: never reached: the report");
  expect_note(&grid, 3, 1, "stuck_detector on 2.33.0: does not apply: needs sentry-arroyo>=2.34");
  assert_ptr_equal(grid_evidence(&grid, 1), &result.runs[1]);
  grid_free(&grid);
  result_free(&result);
}

/* Reasons that differ in numbers alone are one note, and rows that follow each other are named by their ends. */
static void rows_that_follow_each_other_share_a_note(void **state) {
  (void)state;
  struct result result = {.matrix = mem_alloc(sizeof *result.matrix)};
  struct matrix *matrix = result.matrix;
  struct grid grid;
  strlist_add(&matrix->scenarios, "stuck_detector");
  strlist_add(&matrix->pythons, "cpython-3.11.2");
  strlist_add(&matrix->engines, "explore");
  for (int i = 5; i > 0; i--) {
    char *target = mem_printf("toy==%d.0", i), *why = mem_printf("toy==%d.0: no wheel", i);
    strlist_add(&matrix->targets, target);
    if (i != 2) {
      matrix_gap(&result, NOT_RUN_INSTALL, target, "cpython-3.11.2", why);
    }
    free(target);
    free(why);
  }
  grid_make(&result, &grid);
  expect_note(&grid, 4, 0, "stuck_detector on 5.0 to 3.0, 1.0 (4 releases): cannot be installed: toy==5.0: no wheel");
  expect_note(&grid, 3, 0, "stuck_detector on 2.0: nothing is known of it");
  grid_free(&grid);
  result_free(&result);
}

static void an_open_cell_leaves_a_pass_undecided(void **state) {
  (void)state;
  static const bool OPEN[] = {[NOT_RUN_PYTHON] = true, [NOT_RUN_UNDECIDED] = true};
  for (int kind = NOT_RUN_APPLIES_NOT; kind <= NOT_RUN_UNDECIDED; kind++) {
    struct result result = {.matrix = mem_alloc(sizeof *result.matrix)};
    matrix_run(&result, MATRIX_NEW, "cpython-3.11.2", VERDICT_PASS);
    matrix_gap(&result, (enum not_run_kind)kind, MATRIX_OLD, "cpython-3.11.2", "why");
    assert_int_equal(verdict_overall(&result), OPEN[kind] ? VERDICT_INCONCLUSIVE : VERDICT_PASS);
    result_free(&result);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cells_stand_where_they_belong),
      cmocka_unit_test(notes_explain_what_is_no_pass),
      cmocka_unit_test(rows_that_follow_each_other_share_a_note),
      cmocka_unit_test(an_open_cell_leaves_a_pass_undecided),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
