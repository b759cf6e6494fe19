#include "campaign/settle.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

static void move_cell(struct plan *plan, size_t index, struct run *run, struct matrix *matrix) {
  struct not_run *not_run = matrix_add_not_run(matrix, NOT_RUN_IMPORT);
  not_run->scenario = mem_dup(run->scenario);
  not_run->target = mem_dup(run->target);
  not_run->python = mem_dup(plan_python(plan, &plan->jobs[index])->tag);
  not_run->engine = mem_dup(run->engine);
  not_run->why = mem_dup(run->why);
  run_free(run);
}

static bool ran(const struct result *result, const char *scenario) {
  bool any = false;
  for (size_t i = 0; i < result->run_count; i++) {
    any |= strcmp(result->runs[i].scenario, scenario) == 0;
  }
  return any;
}

static void doubt_broken(const struct result *result) {
  struct matrix *matrix = result->matrix;
  for (size_t i = 0; i < matrix->not_run_count; i++) {
    struct not_run *not_run = &matrix->not_run[i];
    if (strcmp(not_run->kind, NOT_RUN_KINDS[NOT_RUN_IMPORT]) == 0 && !ran(result, not_run->scenario)) {
      free(not_run->kind);
      not_run->kind = mem_dup(NOT_RUN_KINDS[NOT_RUN_UNDECIDED]);
    }
  }
}

void settle_matrix(struct plan *plan, const bool *unloaded, struct result *result) {
  size_t kept = 0;
  if (!plan->matrix) {
    return;
  }
  result->matrix = plan->matrix;
  plan->matrix = NULL;
  for (size_t i = 0; i < result->run_count; i++) {
    if (unloaded[i]) {
      move_cell(plan, i, &result->runs[i], result->matrix);
    } else {
      result->runs[kept++] = result->runs[i];
    }
  }
  result->run_count = kept;
  doubt_broken(result);
}
