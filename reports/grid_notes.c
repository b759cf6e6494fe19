/* Why each cell of a grid that is no pass is none, said once for all cells of which it holds. */
#include <stdlib.h>
#include <string.h>

#include "model/fingerprint.h"
#include "model/verdict.h"
#include "platform/mem.h"
#include "reports/grid.h"

static bool same(const char *one, const char *other) { return strcmp(one, other) == 0; }

/* "dict-changed-size, invariant" of what fails the run. The caller's. */
static char *kinds_of(const struct run *run) {
  struct strlist kinds = {0};
  for (int kind = 0; kind < FINDING_KINDS; kind++) {
    if (run_count_failing(run, (enum finding_kind)kind)) {
      strlist_add(&kinds, finding_kind_name((enum finding_kind)kind));
    }
  }
  char *text = strlist_join(&kinds, ", ");
  strlist_free(&kinds);
  return text;
}

/* The caller's; NULL where the cell needs no note. */
static char *explain(const struct grid_cell *cell) {
  const struct run *run = cell->run;
  const struct not_run *not_run = cell->not_run;
  if (not_run) {
    return mem_printf("%s%s%s", not_run->kind, not_run->why ? ": " : "", not_run->why ? not_run->why : "");
  }
  if (!run) {
    return mem_dup("nothing is known of it");
  }
  if (run->verdict == VERDICT_FAIL) {
    return kinds_of(run);
  }
  return run->verdict == VERDICT_PASS ? NULL : mem_printf("inconclusive: %s", run->why ? run->why : "");
}

static const char *mark_of(const struct grid_cell *cell) {
  if (cell->run && cell->run->verdict == VERDICT_FAIL) {
    return "FAIL";
  }
  bool applies_not = cell->not_run && same(cell->not_run->kind, NOT_RUN_KINDS[NOT_RUN_APPLIES_NOT]);
  return applies_not ? "-" : NULL;
}

char *grid_word(const struct grid *grid, const struct grid_cell *cell) {
  const struct grid_note *note = cell->note ? &grid->notes[cell->note - 1] : NULL;
  if (!note) {
    return mem_dup("pass");
  }
  return note->mark ? mem_dup(note->mark) : mem_printf("%s [%zu]", cell->not_run ? "no" : "?", note->number);
}

/* The Pythons of the group whose cells in that row are explained so; "" for all. The caller's. */
static char *pythons_of(const struct grid *grid, size_t row, size_t group, const char *shape) {
  struct strlist pythons = {0};
  size_t count = grid->matrix->pythons.count;
  for (size_t column = group; column < group + count; column++) {
    char *text = explain(grid_at(grid, row, column));
    char *folded = text ? fingerprint_fold(text) : NULL;
    if (folded && same(folded, shape)) {
      strlist_add(&pythons, grid_python(grid, column));
    }
    free(folded);
    free(text);
  }
  char *names = pythons.count == count ? mem_dup("") : strlist_join(&pythons, ", ");
  strlist_free(&pythons);
  return names;
}

static size_t last_number(const struct grid *grid) {
  size_t number = 0;
  for (size_t i = 0; i < grid->note_count; i++) {
    number = grid->notes[i].number > number ? grid->notes[i].number : number;
  }
  return number;
}

static bool is_alike(const struct grid_note *one, const struct grid_note *other) {
  return one->column == other->column && same(one->shape, other->shape) && same(one->pythons, other->pythons);
}

static void drop(struct grid_note *note) {
  free(note->text);
  free(note->shape);
  free(note->pythons);
}

/* Where one like it stands; it is added where there is none, and taken. */
static size_t find_note(struct grid *grid, struct grid_note note) {
  size_t at = 0;
  while (at < grid->note_count && !is_alike(&grid->notes[at], &note)) {
    at++;
  }
  if (at < grid->note_count) {
    drop(&note);
    return at;
  }
  note.number = note.mark ? 0 : last_number(grid) + 1;
  grid->notes = mem_grow(grid->notes, (grid->note_count + 1) * sizeof *grid->notes);
  grid->notes[grid->note_count++] = note;
  return at;
}

static void add_row(struct grid_note *note, size_t row) {
  if (note->row_count == 0 || note->rows[note->row_count - 1] != row) {
    note->rows = mem_grow(note->rows, (note->row_count + 1) * sizeof *note->rows);
    note->rows[note->row_count++] = row;
  }
}

static void note_cell(struct grid *grid, size_t row, size_t column) {
  struct grid_cell *cell = &grid->cells[row * grid->columns + column];
  size_t group = column - column % grid->matrix->pythons.count;
  char *why = explain(cell);
  if (!why) {
    return;
  }
  struct grid_note note = {.mark = mark_of(cell), .column = group, .text = why, .shape = fingerprint_fold(why)};
  note.pythons = pythons_of(grid, row, group, note.shape);
  size_t at = find_note(grid, note);
  add_row(&grid->notes[at], row);
  cell->note = at + 1;
}

void grid_add_notes(struct grid *grid) {
  for (size_t group = 0; group < grid->columns; group += grid->matrix->pythons.count) {
    for (size_t row = 0; row < grid->rows; row++) {
      for (size_t i = 0; i < grid->matrix->pythons.count; i++) {
        note_cell(grid, row, group + i);
      }
    }
  }
}

char *grid_note_mark(const struct grid_note *note) {
  return note->mark ? mem_dup(note->mark) : mem_printf("[%zu]", note->number);
}

/* "2.37.0 to 2.34.0, 2.30.0": rows that follow each other are named by the first and the last. */
static void put_rows(const struct grid *grid, const struct grid_note *note, struct buf *out) {
  for (size_t i = 0; i < note->row_count;) {
    size_t end = i;
    while (end + 1 < note->row_count && note->rows[end + 1] == note->rows[end] + 1) {
      end++;
    }
    char *first = grid_row_name(grid, note->rows[i]), *last = grid_row_name(grid, note->rows[end]);
    buf_printf(out, "%s%s", i ? ", " : "", first);
    if (end > i) {
      buf_printf(out, "%s%s", end == i + 1 ? ", " : " to ", last);
    }
    free(first);
    free(last);
    i = end + 1;
  }
}

char *grid_note_text(const struct grid *grid, const struct grid_note *note) {
  struct buf out = {0};
  char *group = grid_group(grid, note->column);
  buf_printf(&out, "%s on ", group);
  put_rows(grid, note, &out);
  if (note->row_count > 2) {
    buf_printf(&out, " (%zu releases)", note->row_count);
  }
  if (*note->pythons) {
    buf_printf(&out, ", Python %s", note->pythons);
  }
  free(group);
  buf_printf(&out, ": %s", note->text);
  return buf_take(&out);
}

const struct run *grid_evidence(const struct grid *grid, size_t column) {
  size_t group = column - column % grid->matrix->pythons.count;
  for (size_t row = 0; row < grid->rows; row++) {
    for (size_t i = 0; i < grid->matrix->pythons.count; i++) {
      const struct run *run = grid_at(grid, row, group + i)->run;
      if (run && run->verdict == VERDICT_FAIL) {
        return run;
      }
    }
  }
  return NULL;
}
