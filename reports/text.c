/* For a person at a terminal: a table at a glance, then what was found, what was covered, and what to do next. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "model/verdict.h"
#include "platform/mem.h"
#include "reports/changes.h"
#include "reports/grid.h"
#include "reports/interleaving.h"
#include "reports/layout.h"
#include "reports/phrases.h"
#include "reports/text_table.h"

#define MOST_LINES 60 /* of one traceback */

struct page {
  const struct result *result;
  const struct report_style *style;
  struct buf *out;
};

static void line(const struct page *page, int at, int indent, const char *text) {
  layout_line(page->out, page->style, at, indent, text);
}

static bool same(const char *one, const char *other) { return strcmp(one ? one : "", other ? other : "") == 0; }

static void put_heading(const struct page *page, const char *heading) {
  buf_puts(page->out, "\n");
  layout_cell(page->out, page->style, TONE_STRONG, heading, 0);
  buf_puts(page->out, "\n");
}

static void put_labelled(const struct page *page, int indent, const char *label, const char *value) {
  buf_printf(page->out, "%*s", indent, "");
  char *cell = mem_printf("%s:", label);
  layout_cell(page->out, page->style, TONE_PLAIN, cell, 13);
  layout_wrap(page->out, page->style, indent + 13, indent + 13, value);
  free(cell);
}

static void put_interleaving(const struct page *page, const struct finding *finding) {
  int width = layout_width(page->style) - 6;
  char *text = interleaving_text(finding, width < INTERLEAVING_WIDTH ? width : INTERLEAVING_WIDTH);
  if (text) {
    buf_puts(page->out, "    in order of execution:\n");
    layout_block(page->out, 6, text, SIZE_MAX);
  }
  free(text);
}

/* The accesses of a race are its traceback. */
static void put_accesses(const struct page *page, const struct finding *finding) {
  char *accesses = phrase_accesses(finding);
  if (accesses) {
    buf_puts(page->out, "    accesses, in order of time:\n");
    layout_block(page->out, 6, accesses, MOST_LINES);
  } else {
    layout_block(page->out, 6, finding->traceback, MOST_LINES);
  }
  free(accesses);
}

/* On one line, however long: it has to survive copying. */
static void put_command(const struct page *page, const char *label, const char *command) {
  buf_puts(page->out, label);
  layout_cell(page->out, page->style, TONE_STRONG, command, 0);
  buf_puts(page->out, "\n");
}

static void put_in_full(const struct page *page, const struct run *run, const struct finding *finding) {
  struct strlist facts = {0};
  phrase_facts(run, finding, &facts);
  buf_puts(page->out, "  ");
  layout_cell(page->out, page->style, finding_fails(run, finding) ? TONE_BAD : TONE_DOUBTFUL, phrase_kind(finding), 0);
  buf_puts(page->out, "\n");
  if (finding->message && strchr(finding->message, '\n')) {
    layout_block(page->out, 4, finding->message, MOST_LINES);
  } else if (finding->message) {
    line(page, 4, 6, finding->message);
  }
  for (size_t i = 0; i < facts.count; i += 2) {
    put_labelled(page, 4, facts.items[i], facts.items[i + 1]);
  }
  if (!finding_is_by_language(finding)) { /* it holds in whatever order the threads ran */
    put_interleaving(page, finding);
  }
  put_accesses(page, finding);
  if (finding->replay) {
    put_command(page, "    replay: ", finding->replay);
  }
  strlist_free(&facts);
}

static void put_in_short(const struct page *page, const char *before, const struct finding *finding) {
  char *count = phrase_number(finding->count);
  char *message = phrase_first_line(finding->message);
  char *text = mem_printf("%s%s x%s%s%s%s%s: %s", before, phrase_kind(finding), count, finding->actor ? ", " : "",
                          finding->actor ? finding->actor : "", finding->where ? ", " : "",
                          finding->where ? finding->where : "", message);
  line(page, 2, 4, text);
  free(count);
  free(message);
  free(text);
}

/* Races by the language are a kind of their own, and so are reports of native code. */
static bool same_kind(const struct finding *one, const struct finding *other) {
  return one->kind == other->kind && finding_is_by_language(one) == finding_is_by_language(other) &&
         !one->race == !other->race;
}

/* In full: the first of each kind in its run, unless the same one of the same target stood in an earlier run. */
static bool deserves_full(const struct result *result, const struct run *run, const struct finding *finding) {
  for (const struct finding *before = run->findings; before < finding; before++) {
    if (same_kind(before, finding)) {
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

/* Of those that fail the run, or of those that are shown only. */
static void put_some(const struct page *page, const struct run *run, bool failing, bool in_full) {
  for (size_t i = 0; i < run->finding_count; i++) {
    const struct finding *finding = &run->findings[i];
    if (finding_fails(run, finding) != failing || deserves_full(page->result, run, finding) != in_full) {
      continue;
    }
    if (in_full) {
      put_in_full(page, run, finding);
    } else {
      put_in_short(page, "also: ", finding);
    }
  }
}

static void put_findings(const struct page *page, const struct run *run) {
  char *label = phrase_label(run);
  buf_puts(page->out, "\n");
  layout_wrap(page->out, page->style, 0, 2, label);
  put_some(page, run, true, true);
  put_some(page, run, false, true);
  put_some(page, run, true, false);
  put_some(page, run, false, false);
  if (run->replay && !run->replayed.outcome) {
    put_command(page, same(run->engine, "explore") ? "  the run again: " : "  replay: ", run->replay);
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
  phrase_unused(page->result, &next);
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

/* A failure of a matrix: what it is, and the commands that show it. */
static void put_failure(const struct page *page, const struct run *run) {
  char *label = phrase_label(run);
  buf_puts(page->out, "\n");
  layout_wrap(page->out, page->style, 0, 2, label);
  for (size_t i = 0; i < run->finding_count; i++) {
    put_in_short(page, "", &run->findings[i]);
    if (run->findings[i].replay) {
      put_command(page, "    replay: ", run->findings[i].replay);
    }
  }
  if (run->replay) {
    put_command(page, "  the run again: ", run->replay);
  }
  free(label);
}

/* Of each column's scenario and engine one failure: the newest. */
static void put_evidence(const struct page *page) {
  struct grid grid;
  grid_make(page->result, &grid);
  for (size_t column = 0; column < grid.columns; column += grid.matrix->pythons.count) {
    const struct run *run = grid_evidence(&grid, column);
    if (run) {
      put_failure(page, run);
    }
  }
  grid_free(&grid);
}

static void put_matrix(const struct page *page) {
  grid_text(page->result, page->style, page->out);
  if (page->result->bisection) {
    changes_text(page->result, page->style, page->out);
  } else {
    put_evidence(page);
  }
}

static void put_runs(const struct page *page) {
  const struct result *result = page->result;
  text_table(result, page->style, page->out);
  for (size_t i = 0; i < result->run_count; i++) {
    if (result->runs[i].finding_count) {
      put_findings(page, &result->runs[i]);
    }
  }
  if (result->run_count) {
    put_heading(page, "What was covered");
  }
  for (size_t i = 0; i < result->run_count; i++) {
    put_coverage(page, &result->runs[i]);
  }
}

static void render(const struct result *result, const struct report_style *style, struct buf *out) {
  struct page page = {result, style, out};
  layout_wrap(out, style, 0, 2, result->tool ? result->tool : "flashflood");
  if (result->platform) {
    layout_wrap(out, style, 0, 2, result->platform);
  }
  put_cut_short(&page);
  (result->matrix ? put_matrix : put_runs)(&page);
  put_end(&page);
}

static const struct report_format text = {
    .name = "text",
    .file = NULL,
    .summary = "a table and tracebacks for a person to read, on standard output",
    .render = render,
};
REPORT_FORMAT(text);
