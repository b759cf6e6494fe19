/* The grid for programs: rows of cells, without what result.json has of each run. */
#include <jansson.h>
#include <stdlib.h>

#include "model/text.h"
#include "model/verdict.h"
#include "reports/grid.h"

/* Other people's bytes need not be UTF-8. */
static json_t *text(const char *from) {
  char *clean = text_to_utf8(from);
  json_t *value = clean ? json_string(clean) : json_null();
  free(clean);
  return value;
}

static json_t *kinds(const struct run *run) {
  json_t *array = json_array();
  for (int kind = 0; run && kind < FINDING_KINDS; kind++) {
    if (run_count_failing(run, (enum finding_kind)kind)) {
      json_array_append_new(array, json_string(finding_kind_name((enum finding_kind)kind)));
    }
  }
  return array;
}

static json_t *cell_to_json(const struct grid *grid, size_t row, size_t column) {
  const struct grid_cell *cell = grid_at(grid, row, column);
  const struct run *run = cell->run;
  const char *verdict = run ? verdict_name(run->verdict) : cell->not_run ? cell->not_run->kind : "unknown";
  return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o}", "scenario", text(grid_scenario(grid, column)), "python",
                   text(grid_python(grid, column)), "engine", text(grid_engine(grid, column)), "verdict", verdict,
                   "kinds", kinds(run), "why",
                   text(run             ? run->why
                        : cell->not_run ? cell->not_run->why
                                        : NULL));
}

static json_t *row_to_json(const struct grid *grid, size_t row) {
  json_t *cells = json_array();
  for (size_t column = 0; column < grid->columns; column++) {
    json_array_append_new(cells, cell_to_json(grid, row, column));
  }
  char *name = grid_row_name(grid, row);
  json_t *json = json_pack("{s:o, s:o, s:o}", "release", text(name), "target", text(grid->matrix->targets.items[row]),
                           "cells", cells);
  free(name);
  return json;
}

static void render(const struct result *result, const struct report_style *style, struct buf *out) {
  (void)style;
  json_t *rows = json_array();
  struct grid grid = {0};
  if (result->matrix) {
    grid_make(result, &grid);
  }
  for (size_t row = 0; row < grid.rows; row++) {
    json_array_append_new(rows, row_to_json(&grid, row));
  }
  json_t *json = json_pack("{s:s, s:o}", "verdict", verdict_name(verdict_overall(result)), "rows", rows);
  char *dumped = json_dumps(json, JSON_INDENT(2));
  buf_puts(out, dumped ? dumped : "{}");
  buf_puts(out, "\n");
  free(dumped);
  json_decref(json);
  grid_free(&grid);
}

static const struct report_format grid_format = {
    .name = "grid",
    .file = "grid.json",
    .summary = "the grid of a matrix as JSON: rows of cells, each with its verdict and why",
    .render = render,
};
REPORT_FORMAT(grid_format);
