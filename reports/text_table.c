/* The table at a glance: a row for each run, within the width of the terminal. */
#include "reports/text_table.h"

#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "platform/mem.h"
#include "reports/layout.h"
#include "reports/phrases.h"

#define GAP 2
#define WIDEST_NAME 24 /* a longer scenario's name pushes its own row aside and no other */

struct page {
  const struct result *result;
  const struct report_style *style;
  struct buf *out;
};

struct columns {
  int verdict;
  int scenario;
  int target;
};

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
  int others = columns->verdict + columns->scenario + shown_width(found) + 3 * GAP;
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
  grow(&columns.target, "TARGET");
  for (size_t i = 0; i < page->result->run_count; i++) {
    grow(&columns.verdict, phrase_verdict(page->result->runs[i].verdict));
    grow(&columns.scenario, page->result->runs[i].scenario);
  }
  columns.scenario = columns.scenario > WIDEST_NAME ? WIDEST_NAME : columns.scenario;
  for (size_t i = 0; i < page->result->run_count; i++) {
    grow_target(page, &columns, &page->result->runs[i]);
  }
  return columns;
}

/* A line of the table. What does not fit beside its target goes below it. */
static void put_row(const struct page *page, const struct columns *columns, enum tone tone,
                    const char *const cells[4]) {
  int found = columns->verdict + columns->scenario + columns->target + 3 * GAP;
  layout_cell(page->out, page->style, tone, cells[0], columns->verdict + GAP);
  layout_cell(page->out, page->style, TONE_PLAIN, cells[1], columns->scenario);
  buf_printf(page->out, "%*s", GAP, "");
  bool fits = shown_width(cells[1]) <= columns->scenario && shown_width(cells[2]) <= columns->target &&
              found + shown_width(cells[3]) <= layout_width(page->style);
  layout_cell(page->out, page->style, TONE_PLAIN, cells[2], fits ? columns->target + GAP : 0);
  if (fits) {
    layout_cell(page->out, page->style, TONE_PLAIN, cells[3], 0);
    buf_puts(page->out, "\n");
  } else {
    buf_puts(page->out, "\n");
    layout_line(page->out, page->style, columns->verdict + GAP, columns->verdict + GAP, cells[3]);
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
  const char *cells[4] = {phrase_verdict(run->verdict), run->scenario, target, found};
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
}

void text_table(const struct result *result, const struct report_style *style, struct buf *out) {
  const struct page whole = {result, style, out}, *page = &whole;
  static const char *const TITLES[4] = {"VERDICT", "SCENARIO", "TARGET", "FOUND"};
  struct columns columns = measure(page);
  if (page->result->run_count) {
    buf_puts(page->out, "\n");
    put_row(page, &columns, TONE_PLAIN, TITLES);
  }
  for (size_t i = 0; i < page->result->run_count; i++) {
    put_run_row(page, &columns, &page->result->runs[i]);
  }
}
