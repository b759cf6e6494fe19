/* The grid of a matrix: a row for each target, a column for each scenario, engine and Python, and notes that explain
 * every cell that is no pass. What text, Markdown and JSON show of it is the same.
 *
 * Ownership: a grid borrows the result, which must stay as it is. Threading: no shared state. */
#ifndef FF_REPORTS_GRID_H
#define FF_REPORTS_GRID_H

#include "reports/format.h"

struct grid_cell {
  const struct run *run; /* both NULL: nothing is known of it */
  const struct not_run *not_run;
  size_t note; /* which of the notes, from 1; 0: none is needed */
};

struct grid_note {
  const char *mark; /* "FAIL" or "-", as the cells have it; NULL: they show its number */
  size_t number;
  size_t column; /* the first of its group */
  char *text;
  char *shape;   /* the text without its numbers: cells that agree in it, and in their Pythons, share a note */
  char *pythons; /* "3.11.2, 3.13.0"; "": all */
  size_t *rows;  /* in order */
  size_t row_count;
};

struct grid {
  const struct matrix *matrix;
  size_t rows;
  size_t columns;
  struct grid_cell *cells; /* row by row */
  struct grid_note *notes;
  size_t note_count;
};

void grid_make(const struct result *result, struct grid *grid); /* result->matrix is there */
void grid_free(struct grid *grid);
void grid_add_notes(struct grid *grid); /* grid_make() does */

const struct grid_cell *grid_at(const struct grid *grid, size_t row, size_t column);
char *grid_row_name(const struct grid *grid, size_t row); /* "2.36.0+fix.patch"; the caller's */
/* What a column is of. */
const char *grid_scenario(const struct grid *grid, size_t column);
const char *grid_engine(const struct grid *grid, size_t column);
const char *grid_python(const struct grid *grid, size_t column); /* "3.11.2" */
char *grid_group(const struct grid *grid, size_t column); /* "stuck_detector", with ", stress" where engines differ */
char *grid_word(const struct grid *grid,
                const struct grid_cell *cell);      /* "pass", "FAIL", "-", "no [2]"; the caller's */
char *grid_note_mark(const struct grid_note *note); /* "FAIL", "-", "[2]"; the caller's */
char *grid_note_text(const struct grid *grid, const struct grid_note *note); /* with its rows; the caller's */

/* The reports' parts. */
void grid_text(const struct result *result, const struct report_style *style, struct buf *out);
void grid_markdown(const struct result *result, struct buf *out);

/* A run that shows a failure of each group of columns: the newest. NULL where that group has none. */
const struct run *grid_evidence(const struct grid *grid, size_t column);

#endif
