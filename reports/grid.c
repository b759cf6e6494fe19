#include "reports/grid.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "reports/phrases.h"

static bool same(const char *one, const char *other) { return strcmp(one ? one : "", other ? other : "") == 0; }

static size_t index_of(const struct strlist *list, const char *text) {
  size_t at = 0;
  while (at < list->count && !same(list->items[at], text)) {
    at++;
  }
  return at;
}

const char *grid_scenario(const struct grid *grid, size_t column) {
  const struct matrix *matrix = grid->matrix;
  return matrix->scenarios.items[column / (matrix->pythons.count * matrix->engines.count)];
}

const char *grid_engine(const struct grid *grid, size_t column) {
  const struct matrix *matrix = grid->matrix;
  return matrix->engines.items[column / matrix->pythons.count % matrix->engines.count];
}

/* "cpython-3.11.2" is 3.11.2. */
static const char *version_of(const char *tag) {
  const char *dash = strchr(tag, '-');
  return dash ? dash + 1 : tag;
}

const char *grid_python(const struct grid *grid, size_t column) {
  const struct matrix *matrix = grid->matrix;
  return version_of(matrix->pythons.items[column % matrix->pythons.count]);
}

char *grid_group(const struct grid *grid, size_t column) {
  bool several = grid->matrix->engines.count > 1;
  return mem_printf("%s%s%s", grid_scenario(grid, column), several ? ", " : "",
                    several ? grid_engine(grid, column) : "");
}

/* Whether it is of one package, whose name then need not stand in each row. */
static size_t common_name(const struct strlist *targets) {
  const char *first = targets->count ? targets->items[0] : "";
  const char *equals = strstr(first, "==");
  size_t len = equals ? (size_t)(equals - first) + 2 : 0;
  for (size_t i = 0; i < targets->count; i++) {
    len = strncmp(first, targets->items[i], len) == 0 ? len : 0;
  }
  return len;
}

char *grid_row_name(const struct grid *grid, size_t row) {
  struct run run = {.target = grid->matrix->targets.items[row]};
  char *target = phrase_target(&run);
  char *name = mem_dup(target + common_name(&grid->matrix->targets));
  free(target);
  return name;
}

static size_t column_of(const struct matrix *matrix, const char *scenario, const char *engine, size_t python) {
  size_t s = index_of(&matrix->scenarios, scenario), e = index_of(&matrix->engines, engine);
  bool known = s < matrix->scenarios.count && e < matrix->engines.count && python < matrix->pythons.count;
  return known ? (s * matrix->engines.count + e) * matrix->pythons.count + python : SIZE_MAX;
}

static void place(struct grid *grid, const char *target, size_t column, const struct run *run,
                  const struct not_run *not_run) {
  size_t row = index_of(&grid->matrix->targets, target);
  if (row < grid->rows && column < grid->columns) {
    grid->cells[row * grid->columns + column] = (struct grid_cell){run, not_run, 0};
  }
}

static void place_run(struct grid *grid, const struct run *run) {
  const struct matrix *matrix = grid->matrix;
  size_t python = index_of(&matrix->pythons, run->python_tag);
  place(grid, run->target, column_of(matrix, run->scenario, run->engine, python), run, NULL);
}

static void place_not_run(struct grid *grid, const struct not_run *not_run) {
  const struct matrix *matrix = grid->matrix;
  size_t python = index_of(&matrix->pythons, not_run->python);
  for (size_t i = 0; i < matrix->engines.count; i++) {
    if (!not_run->engine || same(not_run->engine, matrix->engines.items[i])) {
      place(grid, not_run->target, column_of(matrix, not_run->scenario, matrix->engines.items[i], python), NULL,
            not_run);
    }
  }
}

const struct grid_cell *grid_at(const struct grid *grid, size_t row, size_t column) {
  return &grid->cells[row * grid->columns + column];
}

void grid_make(const struct result *result, struct grid *grid) {
  const struct matrix *matrix = result->matrix;
  *grid = (struct grid){.matrix = matrix,
                        .rows = matrix->targets.count,
                        .columns = matrix->scenarios.count * matrix->engines.count * matrix->pythons.count};
  grid->cells = mem_alloc(grid->rows * grid->columns * sizeof *grid->cells);
  for (size_t i = 0; i < result->run_count; i++) {
    place_run(grid, &result->runs[i]);
  }
  for (size_t i = 0; i < matrix->not_run_count; i++) {
    place_not_run(grid, &matrix->not_run[i]);
  }
  grid_add_notes(grid);
}

void grid_free(struct grid *grid) {
  for (size_t i = 0; i < grid->note_count; i++) {
    free(grid->notes[i].text);
    free(grid->notes[i].shape);
    free(grid->notes[i].pythons);
    free(grid->notes[i].rows);
  }
  free(grid->notes);
  free(grid->cells);
  *grid = (struct grid){0};
}
