#include <stdlib.h>

#include "platform/mem.h"
#include "reports/grid.h"
#include "reports/markdown_text.h"

static void put_titles(struct buf *out, const struct grid *grid) {
  buf_puts(out, "| Release |");
  for (size_t column = 0; column < grid->columns; column++) {
    char *group = grid_group(grid, column);
    buf_puts(out, " ");
    markdown_taken(out, mem_printf("%s %s", group, grid_python(grid, column)));
    buf_puts(out, " |");
    free(group);
  }
  buf_puts(out, "\n| --- |");
  for (size_t column = 0; column < grid->columns; column++) {
    buf_puts(out, " --- |");
  }
  buf_puts(out, "\n");
}

static void put_row(struct buf *out, const struct grid *grid, size_t row) {
  char *name = grid_row_name(grid, row);
  buf_puts(out, "| ");
  markdown_name(out, name);
  buf_puts(out, " |");
  for (size_t column = 0; column < grid->columns; column++) {
    const struct grid_cell *cell = grid_at(grid, row, column);
    bool failed = cell->run && cell->run->verdict == VERDICT_FAIL;
    buf_puts(out, failed ? " **" : " ");
    markdown_taken(out, grid_word(grid, cell));
    buf_puts(out, failed ? "** |" : " |");
  }
  buf_puts(out, "\n");
  free(name);
}

void grid_markdown(const struct result *result, struct buf *out) {
  struct grid grid;
  grid_make(result, &grid);
  put_titles(out, &grid);
  for (size_t row = 0; row < grid.rows; row++) {
    put_row(out, &grid, row);
  }
  buf_puts(out, "\n");
  for (size_t i = 0; i < grid.note_count; i++) {
    char *mark = grid_note_mark(&grid.notes[i]);
    buf_puts(out, "- ");
    markdown_name(out, mark);
    buf_puts(out, ": ");
    markdown_taken(out, grid_note_text(&grid, &grid.notes[i]));
    buf_puts(out, "\n");
    free(mark);
  }
  buf_puts(out, grid.note_count ? "\n" : "");
  grid_free(&grid);
}
