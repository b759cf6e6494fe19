#include "model/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

const char *const NOT_RUN_KINDS[] = {"does not apply", "cannot be installed", "cannot be imported",
                                     "no worker",      "undecided",           NULL};

struct not_run *matrix_add_not_run(struct matrix *matrix, enum not_run_kind kind) {
  matrix->not_run = mem_grow(matrix->not_run, (matrix->not_run_count + 1) * sizeof *matrix->not_run);
  struct not_run *not_run = &matrix->not_run[matrix->not_run_count++];
  *not_run = (struct not_run){.kind = mem_dup(NOT_RUN_KINDS[kind])};
  return not_run;
}

bool not_run_is_open(const struct not_run *not_run) {
  return strcmp(not_run->kind, NOT_RUN_KINDS[NOT_RUN_PYTHON]) == 0 ||
         strcmp(not_run->kind, NOT_RUN_KINDS[NOT_RUN_UNDECIDED]) == 0;
}

void matrix_free(struct matrix *matrix) {
  if (!matrix) {
    return;
  }
  for (size_t i = 0; i < matrix->not_run_count; i++) {
    struct not_run *not_run = &matrix->not_run[i];
    char *owned[] = {not_run->scenario, not_run->target, not_run->python, not_run->engine, not_run->kind, not_run->why};
    for (size_t j = 0; j < sizeof owned / sizeof *owned; j++) {
      free(owned[j]);
    }
  }
  free(matrix->not_run);
  free(matrix->releases);
  strlist_free(&matrix->targets);
  strlist_free(&matrix->scenarios);
  strlist_free(&matrix->pythons);
  strlist_free(&matrix->engines);
  free(matrix);
}
