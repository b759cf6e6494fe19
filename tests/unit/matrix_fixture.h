/* A matrix of two releases, one of them patched too, of one scenario on two Pythons: every sort of cell. */
#ifndef FF_TESTS_MATRIX_FIXTURE_H
#define FF_TESTS_MATRIX_FIXTURE_H

#include "tests/unit/result_fixture.h"

#define MATRIX_OLD "sentry-arroyo==2.33.0"
#define MATRIX_BAD "sentry-arroyo==2.36.0"
#define MATRIX_FIXED "sentry-arroyo==2.36.0+patches/fix.patch"
#define MATRIX_NEW "sentry-arroyo==2.37.1"

#define MATRIX_PYTHON "cpython-3.11.2"
#define MATRIX_OTHER "cpython-3.13.0t"

static inline struct run *matrix_run(struct result *result, const char *target, const char *tag, enum verdict verdict) {
  struct run *run = fixture_run(result, "stuck_detector", target, verdict);
  free(run->engine);
  run->engine = mem_dup("explore");
  run->python_tag = mem_dup(tag);
  return run;
}

static inline void matrix_gap(struct result *result, enum not_run_kind kind, const char *target, const char *python,
                              const char *why) {
  struct not_run *not_run = matrix_add_not_run(result->matrix, kind);
  not_run->scenario = mem_dup("stuck_detector");
  not_run->target = mem_dup(target);
  not_run->python = mem_dup(python);
  not_run->why = mem_dup(why);
}

static inline void fixture_matrix(struct result *result) {
  static const char *const ROWS[] = {MATRIX_NEW, MATRIX_BAD, MATRIX_FIXED, MATRIX_OLD};
  *result = (struct result){.tool = mem_dup("flashflood 0.1.0"), .matrix = mem_alloc(sizeof *result->matrix)};
  struct matrix *matrix = result->matrix;
  matrix->releases = mem_dup(">=2.33");
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    strlist_add(&matrix->targets, ROWS[i]);
  }
  strlist_add(&matrix->scenarios, "stuck_detector");
  strlist_add(&matrix->pythons, MATRIX_PYTHON);
  strlist_add(&matrix->pythons, MATRIX_OTHER);
  strlist_add(&matrix->engines, "explore");
  matrix_run(result, MATRIX_NEW, MATRIX_PYTHON, VERDICT_PASS);
  matrix_gap(result, NOT_RUN_INSTALL, MATRIX_NEW, MATRIX_OTHER, "sentry-arroyo==2.37.1: no wheel of it runs here");
  fixture_finding(matrix_run(result, MATRIX_BAD, MATRIX_PYTHON, VERDICT_FAIL), FINDING_INVARIANT, "lost 1", NULL, 3);
  fixture_finding(matrix_run(result, MATRIX_BAD, MATRIX_OTHER, VERDICT_FAIL), FINDING_CRASH, "died", NULL, 1);
  matrix_run(result, MATRIX_FIXED, MATRIX_PYTHON, VERDICT_INCONCLUSIVE)->why = mem_dup("never reached: the report");
  matrix_run(result, MATRIX_FIXED, MATRIX_OTHER, VERDICT_PASS);
  matrix_gap(result, NOT_RUN_APPLIES_NOT, MATRIX_OLD, MATRIX_PYTHON, "needs sentry-arroyo>=2.34");
  matrix_gap(result, NOT_RUN_APPLIES_NOT, MATRIX_OLD, MATRIX_OTHER, "needs sentry-arroyo>=2.34");
}

/* The same as a bisection. */
static inline void fixture_bisection(struct result *result) {
  fixture_matrix(result);
  struct bisection *bisection = result->bisection = mem_alloc(sizeof *bisection);
  *bisection = (struct bisection){.releases = mem_dup(">=2.33"), .count = 12, .tried = 4};
  struct change *came = bisection_add_change(bisection), *went;
  came->what = mem_dup(CHANGE_CAME);
  came->before = mem_dup(MATRIX_OLD);
  came->after = mem_dup(MATRIX_BAD);
  strlist_add(&came->untried, "sentry-arroyo==2.34.0");
  strlist_add(&came->files, "arroyo/processing/processor.py");
  came->diff = mem_dup("--- a/arroyo/processing/processor.py\n+++ b/arroyo/processing/processor.py\n"
                       "@@ -1 +1 @@\n-old\n+```new\n");
  came->others = 3;
  went = bisection_add_change(bisection);
  went->what = mem_dup(CHANGE_WENT);
  went->before = mem_dup(MATRIX_BAD);
  went->after = mem_dup(MATRIX_NEW);
  went->no_diff = mem_dup("the package index cannot be reached");
}

#endif
