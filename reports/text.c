/* For a person at a terminal: a table at a glance, then what was found, what was covered, and what to do next. */
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "model/verdict.h"
#include "platform/mem.h"
#include "reports/layout.h"
#include "reports/phrases.h"

#define GAP 2
#define WIDEST_NAME 24 /* a longer scenario's name pushes its own row aside and no other */
#define MOST_LINES 60  /* of one traceback */

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

static void line(const struct page *page, int at, int indent, const char *text) {
  buf_printf(page->out, "%*s", at, "");
  layout_wrap(page->out, page->style, at, indent, text);
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
    line(page, columns->verdict + GAP, columns->verdict + GAP, cells[3]);
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
    line(page, columns->verdict + GAP, columns->verdict + GAP + 2, text);
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
  put_below(page, columns, run->why ? mem_printf("why: %s", run->why) : NULL);
  put_below(page, columns, phrase_expected(run));
  free(target);
  free(found);
}

static void put_heading(const struct page *page, const char *heading) {
  buf_puts(page->out, "\n");
  layout_cell(page->out, page->style, TONE_STRONG, heading, 0);
  buf_puts(page->out, "\n");
}

static void put_table(const struct page *page) {
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

static void put_labelled(const struct page *page, int indent, const char *label, const char *value) {
  buf_printf(page->out, "%*s", indent, "");
  char *cell = mem_printf("%s:", label);
  layout_cell(page->out, page->style, TONE_PLAIN, cell, 13);
  layout_wrap(page->out, page->style, indent + 13, indent + 13, value);
  free(cell);
}

static void put_in_full(const struct page *page, const struct run *run, const struct finding *finding) {
  struct strlist facts = {0};
  phrase_facts(run, finding, &facts);
  buf_puts(page->out, "  ");
  layout_cell(page->out, page->style, TONE_BAD, finding_kind_name(finding->kind), 0);
  buf_puts(page->out, "\n");
  if (finding->message && strchr(finding->message, '\n')) {
    layout_block(page->out, 4, finding->message, MOST_LINES);
  } else if (finding->message) {
    line(page, 4, 6, finding->message);
  }
  for (size_t i = 0; i < facts.count; i += 2) {
    put_labelled(page, 4, facts.items[i], facts.items[i + 1]);
  }
  layout_block(page->out, 6, finding->traceback, MOST_LINES);
  strlist_free(&facts);
}

static void put_in_short(const struct page *page, const struct finding *finding) {
  char *count = phrase_number(finding->count);
  char *message = phrase_first_line(finding->message);
  char *text = mem_printf("also: %s x%s%s%s%s%s: %s", finding_kind_name(finding->kind), count,
                          finding->actor ? ", " : "", finding->actor ? finding->actor : "", finding->where ? ", " : "",
                          finding->where ? finding->where : "", message);
  line(page, 2, 4, text);
  free(count);
  free(message);
  free(text);
}

/* In full: the first of each kind in its run, unless the same one of the same target stood in an earlier run. */
static bool deserves_full(const struct result *result, const struct run *run, const struct finding *finding) {
  for (const struct finding *before = run->findings; before < finding; before++) {
    if (before->kind == finding->kind) {
      return false;
    }
  }
  for (const struct run *before = result->runs; finding->fingerprint && before < run; before++) {
    for (size_t i = 0; same(before->target, run->target) && i < before->finding_count; i++) {
      if (before->findings[i].fingerprint && same(before->findings[i].fingerprint, finding->fingerprint)) {
        return false;
      }
    }
  }
  return true;
}

static void put_findings(const struct page *page, const struct run *run) {
  char *label = phrase_label(run);
  buf_puts(page->out, "\n");
  layout_wrap(page->out, page->style, 0, 2, label);
  for (size_t i = 0; i < run->finding_count; i++) {
    if (deserves_full(page->result, run, &run->findings[i])) {
      put_in_full(page, run, &run->findings[i]);
    }
  }
  for (size_t i = 0; i < run->finding_count; i++) {
    if (!deserves_full(page->result, run, &run->findings[i])) {
      put_in_short(page, &run->findings[i]);
    }
  }
  if (run->replay) {
    buf_puts(page->out, "  replay: ");
    layout_cell(page->out, page->style, TONE_STRONG, run->replay, 0);
    buf_puts(page->out, "\n");
  }
  free(label);
}

static void put_coverage(const struct page *page, const struct run *run) {
  char *label = phrase_label(run);
  char *coverage = phrase_coverage(run);
  line(page, 2, 4, label);
  line(page, 4, 6, coverage);
  for (size_t i = 0; i < run->coverage.notes.count; i++) {
    char *note = mem_printf("note: %s", run->coverage.notes.items[i]);
    line(page, 4, 6, note);
    free(note);
  }
  free(label);
  free(coverage);
}

static void put_verdict(const struct page *page, const char *after) {
  enum verdict overall = verdict_overall(page->result);
  const char *word = phrase_verdict(overall);
  layout_cell(page->out, page->style, layout_tone(overall), word, 0);
  buf_puts(page->out, "  ");
  layout_wrap(page->out, page->style, (int)strlen(word) + 2, 2, after);
}

static void put_cut_short(const struct page *page) {
  if (page->result->cut_short) {
    char *text = phrase_cut_short();
    layout_wrap(page->out, page->style, 0, 2, text);
    free(text);
  }
}

static void put_end(const struct page *page) {
  struct strlist next = {0};
  char *summary = phrase_summary(page->result);
  buf_puts(page->out, "\n");
  put_cut_short(page);
  put_verdict(page, summary);
  phrase_next(page->result, &next);
  for (size_t i = 0; i < next.count; i++) {
    line(page, 2, 4, next.items[i]);
  }
  strlist_free(&next);
  free(summary);
}

static void render(const struct result *result, const struct report_style *style, struct buf *out) {
  struct page page = {result, style, out};
  layout_wrap(out, style, 0, 2, result->tool ? result->tool : "flashflood");
  if (result->platform) {
    layout_wrap(out, style, 0, 2, result->platform);
  }
  put_cut_short(&page);
  put_table(&page);
  for (size_t i = 0; i < result->run_count; i++) {
    if (result->runs[i].finding_count) {
      put_findings(&page, &result->runs[i]);
    }
  }
  if (result->run_count) {
    put_heading(&page, "What was covered");
  }
  for (size_t i = 0; i < result->run_count; i++) {
    put_coverage(&page, &result->runs[i]);
  }
  put_end(&page);
}

static const struct report_format text = {
    .name = "text",
    .file = NULL,
    .summary = "a table and tracebacks for a person to read, on standard output",
    .render = render,
};
REPORT_FORMAT(text);
