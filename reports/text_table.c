/* The table at a glance: a row for each run, within the width of the terminal. */
#include "reports/text_table.h"

#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "platform/mem.h"
#include "reports/layout.h"
#include "reports/phrases.h"

#define GAP 2
#define WIDEST_NAME 24  /* a longer scenario's name pushes its own row aside and no other */
#define WIDEST_RACES 27 /* "12 interpreter, 34 language"; and so do races of more sorts */

struct page {
  const struct result *result;
  const struct report_style *style;
  struct buf *out;
};

struct columns {
  int verdict;
  int scenario;
  int races;
  int target;
};

enum { VERDICT_CELL, SCENARIO_CELL, RACES_CELL, TARGET_CELL, FOUND_CELL, CELLS };

static int shown_width(const char *text) {
  char *shown = text_shown(text);
  int width = text_width(shown);
  free(shown);
  return width;
}

static void grow(int *column, const char *text) {
  int width = shown_width(text);
  *column = width > *column ? width : *column;
}

/* A target widens its column if what was found then still fits beside it. */
static void grow_target(const struct page *page, struct columns *columns, const struct run *run) {
  char *target = phrase_target(run);
  char *found = phrase_found(run);
  int others = columns->verdict + columns->scenario + columns->races + shown_width(found) + 4 * GAP;
  if (others + shown_width(target) <= layout_width(page->style)) {
    grow(&columns->target, target);
  }
  free(target);
  free(found);
}

static struct columns measure(const struct page *page) {
  struct columns columns = {0};
  grow(&columns.verdict, "VERDICT");
  grow(&columns.scenario, "SCENARIO");
  grow(&columns.races, "RACES");
  grow(&columns.target, "TARGET");
  for (size_t i = 0; i < page->result->run_count; i++) {
    grow(&columns.verdict, phrase_verdict(page->result->runs[i].verdict));
    grow(&columns.scenario, page->result->runs[i].scenario);
    char *races = phrase_races(&page->result->runs[i]);
    grow(&columns.races, races);
    free(races);
  }
  columns.races = columns.races > WIDEST_RACES ? WIDEST_RACES : columns.races;
  columns.scenario = columns.scenario > WIDEST_NAME ? WIDEST_NAME : columns.scenario;
  for (size_t i = 0; i < page->result->run_count; i++) {
    grow_target(page, &columns, &page->result->runs[i]);
  }
  return columns;
}

/* Where a cell begins: at its column, or behind the cell before it where that is too long. */
static int begin_of(int used, int column) { return used && used + GAP > column ? used + GAP : column; }

/* The first two always stand side by side; what was found is in its column or not beside them at all. */
static bool fits(const struct page *page, int used, int column, int cell, const char *text) {
  int begin = begin_of(used, column);
  return cell < RACES_CELL ||
         ((cell != FOUND_CELL || begin == column) && begin + shown_width(text) <= layout_width(page->style));
}

/* A line of the table. What does not fit beside the others goes below, with all that follows. */
static void put_row(const struct page *page, const struct columns *columns, enum tone tone,
                    const char *const cells[CELLS]) {
  int at[CELLS] = {0, columns->verdict + GAP};
  at[RACES_CELL] = at[SCENARIO_CELL] + columns->scenario + GAP;
  at[TARGET_CELL] = at[RACES_CELL] + columns->races + GAP;
  at[FOUND_CELL] = at[TARGET_CELL] + columns->target + GAP;
  int used = 0, cell = 0;
  for (; cell < CELLS && fits(page, used, at[cell], cell, cells[cell]); cell++) {
    int begin = begin_of(used, at[cell]);
    buf_printf(page->out, "%*s", begin - used, "");
    layout_cell(page->out, page->style, cell == VERDICT_CELL ? tone : TONE_PLAIN, cells[cell], 0);
    used = begin + shown_width(cells[cell]);
  }
  buf_puts(page->out, "\n");
  for (; cell < CELLS; cell++) {
    layout_line(page->out, page->style, at[SCENARIO_CELL], at[SCENARIO_CELL], cells[cell]);
  }
}

static bool same(const char *one, const char *other) { return strcmp(one ? one : "", other ? other : "") == 0; }

/* Another run of this scenario and target stands in the table: the row has to say which it is. */
static bool is_ambiguous(const struct result *result, const struct run *run) {
  size_t count = 0;
  for (size_t i = 0; i < result->run_count; i++) {
    count += same(result->runs[i].scenario, run->scenario) && same(result->runs[i].target, run->target);
  }
  return count > 1;
}

static void put_below(const struct page *page, const struct columns *columns, char *text) {
  if (text && *text) {
    layout_line(page->out, page->style, columns->verdict + GAP, columns->verdict + GAP + 2, text);
  }
  free(text);
}

static void put_run_row(const struct page *page, const struct columns *columns, const struct run *run) {
  char *target = phrase_target(run);
  char *found = phrase_found(run);
  char *races = phrase_races(run);
  const char *cells[CELLS] = {phrase_verdict(run->verdict), run->scenario, races, target, found};
  put_row(page, columns, layout_tone(run->verdict), cells);
  if (is_ambiguous(page->result, run)) {
    put_below(page, columns, phrase_engine(run));
  }
  if (run->replayed.outcome) {
    put_below(page, columns, phrase_replayed(run));
  } else {
    put_below(page, columns, run->why ? mem_printf("why: %s", run->why) : NULL);
  }
  put_below(page, columns, phrase_expected(run));
  free(target);
  free(found);
  free(races);
}

void text_table(const struct result *result, const struct report_style *style, struct buf *out) {
  const struct page whole = {result, style, out}, *page = &whole;
  static const char *const TITLES[CELLS] = {"VERDICT", "SCENARIO", "RACES", "TARGET", "FOUND"};
  struct columns columns = measure(page);
  if (page->result->run_count) {
    buf_puts(page->out, "\n");
    put_row(page, &columns, TONE_PLAIN, TITLES);
  }
  for (size_t i = 0; i < page->result->run_count; i++) {
    put_run_row(page, &columns, &page->result->runs[i]);
  }
}
