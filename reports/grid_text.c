/* The grid for a terminal. What is too wide for it is cut into grids below each other. */
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "platform/mem.h"
#include "reports/grid.h"
#include "reports/layout.h"

#define GAP 2

struct page {
  const struct grid *grid;
  const struct report_style *style;
  struct buf *out;
  int row_width;    /* of names of rows */
  int column_width; /* of words and Pythons */
};

static int wider(int width, char *taken) {
  int other = text_width(taken);
  free(taken);
  return other > width ? other : width;
}

static void measure(struct page *page) {
  const struct grid *grid = page->grid;
  page->row_width = text_width("RELEASE");
  for (size_t row = 0; row < grid->rows; row++) {
    page->row_width = wider(page->row_width, grid_row_name(grid, row));
    for (size_t column = 0; column < grid->columns; column++) {
      page->column_width = wider(page->column_width, grid_word(grid, grid_at(grid, row, column)));
    }
  }
  for (size_t column = 0; column < grid->columns; column++) {
    page->column_width = wider(page->column_width, mem_dup(grid_python(grid, column)));
  }
}

/* Columns that a group takes: its Pythons, or its name where that is longer. */
static int group_width(const struct page *page, size_t column) {
  int pythons = (int)page->grid->matrix->pythons.count * (page->column_width + GAP) - GAP;
  return wider(pythons, grid_group(page->grid, column));
}

static enum tone tone_of(const struct grid_cell *cell) {
  return cell->run ? layout_tone(cell->run->verdict) : TONE_PLAIN;
}

/* The part of a line that is of one group. `row` SIZE_MAX: its Pythons. */
static void put_group(const struct page *page, size_t row, size_t group) {
  int left = group_width(page, group);
  for (size_t i = 0; i < page->grid->matrix->pythons.count; i++) {
    bool title = row == SIZE_MAX;
    const struct grid_cell *cell = title ? NULL : grid_at(page->grid, row, group + i);
    char *word = title ? mem_dup(grid_python(page->grid, group + i)) : grid_word(page->grid, cell);
    buf_printf(page->out, "%*s", GAP, "");
    layout_cell(page->out, page->style, title ? TONE_PLAIN : tone_of(cell), word, page->column_width);
    left -= page->column_width + (i ? GAP : 0);
    free(word);
  }
  buf_printf(page->out, "%*s", left > 0 ? left : 0, "");
}

/* Blanks at the end of a line help nobody. */
static void end_line(struct buf *out) {
  while (out->len && out->data[out->len - 1] == ' ') {
    out->data[--out->len] = '\0';
  }
  buf_puts(out, "\n");
}

static void put_line(const struct page *page, const char *name, size_t row, size_t from, size_t to) {
  layout_cell(page->out, page->style, TONE_PLAIN, name, page->row_width);
  for (size_t group = from; group < to; group += page->grid->matrix->pythons.count) {
    put_group(page, row, group);
  }
  end_line(page->out);
}

static void put_titles(const struct page *page, size_t from, size_t to) {
  layout_cell(page->out, page->style, TONE_PLAIN, "", page->row_width);
  for (size_t group = from; group < to; group += page->grid->matrix->pythons.count) {
    char *name = grid_group(page->grid, group);
    buf_printf(page->out, "%*s", GAP, "");
    layout_cell(page->out, page->style, TONE_STRONG, name, group_width(page, group));
    free(name);
  }
  end_line(page->out);
  put_line(page, "RELEASE", SIZE_MAX, from, to);
}

/* The columns from `from` on that fit beside each other, a group at least. */
static size_t last_that_fits(const struct page *page, size_t from) {
  int width = page->row_width + GAP + group_width(page, from);
  size_t step = page->grid->matrix->pythons.count, to = from + step;
  for (; to < page->grid->columns; to += step) {
    width += GAP + group_width(page, to);
    if (width > layout_width(page->style)) {
      break;
    }
  }
  return to;
}

static void put_notes(const struct page *page) {
  buf_puts(page->out, page->grid->note_count ? "\n" : "");
  for (size_t i = 0; i < page->grid->note_count; i++) {
    char *mark = grid_note_mark(&page->grid->notes[i]);
    char *text = grid_note_text(page->grid, &page->grid->notes[i]);
    layout_cell(page->out, page->style, TONE_PLAIN, mark, 4);
    buf_puts(page->out, "  ");
    layout_wrap(page->out, page->style, 6, 6, text);
    free(mark);
    free(text);
  }
}

void grid_text(const struct result *result, const struct report_style *style, struct buf *out) {
  struct grid grid;
  grid_make(result, &grid);
  struct page page = {.grid = &grid, .style = style, .out = out};
  measure(&page);
  for (size_t from = 0; grid.rows && from < grid.columns;) {
    size_t to = last_that_fits(&page, from);
    buf_puts(out, "\n");
    put_titles(&page, from, to);
    for (size_t row = 0; row < grid.rows; row++) {
      char *name = grid_row_name(&grid, row);
      put_line(&page, name, row, from, to);
      free(name);
    }
    from = to;
  }
  put_notes(&page);
  grid_free(&grid);
}
