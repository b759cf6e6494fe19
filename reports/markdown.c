/* Markdown (GitHub's) for a step summary or a comment: a table of runs, then the details of what was found, folded.
 *
 * Other people's text cannot become markup: in running text and table cells what could is escaped or a code span, in
 * fences the fence is longer than any run of backticks inside. A step summary holds 1 MiB: what is beyond
 * MOST_BYTES is counted instead of shown. */
#include <stdlib.h>
#include <string.h>

#include "model/verdict.h"
#include "platform/mem.h"
#include "reports/format.h"
#include "reports/changes.h"
#include "reports/grid.h"
#include "reports/interleaving.h"
#include "reports/markdown_text.h"
#include "reports/phrases.h"

#define MOST_BYTES ((size_t)900 * 1024)

/* Takes `text`; nothing for NULL. */
static void put_in_brackets(struct buf *out, char *text) {
  if (text) {
    buf_puts(out, " (");
    markdown_taken(out, text);
    buf_puts(out, ")");
  }
}

static void put_row(struct buf *out, const struct run *run) {
  char *target = phrase_target(run);
  char *expected = phrase_expected(run);
  buf_printf(out, "| **%s** | ", phrase_verdict(run->verdict));
  markdown_name(out, run->scenario);
  buf_puts(out, " | ");
  markdown_taken(out, phrase_races(run));
  buf_puts(out, " | ");
  markdown_name(out, target);
  buf_puts(out, " | ");
  markdown_taken(out, phrase_found(run));
  put_in_brackets(out, run->replayed.outcome ? phrase_replayed(run) : mem_dup(run->why));
  buf_puts(out, " | ");
  markdown_taken(out, phrase_coverage(run));
  buf_puts(out, " (");
  markdown_taken(out, phrase_engine(run));
  buf_puts(out, ")");
  buf_puts(out, " | ");
  markdown_text(out, *expected ? expected : "not in the scenario's table");
  buf_puts(out, " |\n");
  free(target);
  free(expected);
}

/* The accesses of a race, in order of time, are its traceback. */
static void put_trace(struct buf *out, const struct finding *finding) {
  char *accesses = phrase_accesses(finding);
  buf_puts(out, accesses ? "Accesses, in order of time:\n\n" : "");
  markdown_fence(out, "text", accesses ? accesses : finding->traceback ? finding->traceback : finding->message);
  free(accesses);
}

static void put_finding(struct buf *out, const struct run *run, const struct finding *finding) {
  struct strlist facts = {0};
  char *label = phrase_label(run);
  char *message = phrase_first_line(finding->message);
  char *count = phrase_number(finding->count);
  char *interleaving = interleaving_text(finding, INTERLEAVING_WIDTH);
  buf_printf(out, "<details>\n<summary><b>%s</b> x%s: ", phrase_kind(finding), count);
  markdown_html(out, message);
  buf_puts(out, " (");
  markdown_html(out, label);
  buf_puts(out, ")</summary>\n\n");
  phrase_facts(run, finding, &facts);
  for (size_t i = 0; i < facts.count; i += 2) {
    buf_printf(out, "- %s: ", facts.items[i]);
    markdown_text(out, facts.items[i + 1]);
    buf_puts(out, "\n");
  }
  buf_puts(out, "\n");
  if (interleaving) {
    buf_puts(out, "In order of execution:\n\n");
    markdown_fence(out, "text", interleaving);
  }
  put_trace(out, finding);
  const char *replay = finding->replay ? finding->replay : run->replay;
  if (replay) {
    buf_puts(out, "Replay:\n\n");
    markdown_fence(out, "sh", replay);
  }
  buf_puts(out, "</details>\n\n");
  strlist_free(&facts);
  free(interleaving);
  free(label);
  free(message);
  free(count);
}

static void put_table(struct buf *out, const struct result *result) {
  if (result->run_count == 0) {
    return;
  }
  size_t rows = 0;
  buf_puts(out, "| Verdict | Scenario | Races | Target | Found | Covered | Expected |\n| --- | --- | --- | --- | --- | "
                "--- | --- |\n");
  for (; rows < result->run_count && out->len < MOST_BYTES / 2; rows++) {
    put_row(out, &result->runs[rows]);
  }
  buf_puts(out, "\n");
  if (rows < result->run_count) {
    buf_printf(out, "%zu more runs are in result.json.\n\n", result->run_count - rows);
  }
}

static void put_findings(struct buf *out, const struct result *result) {
  size_t left_out = 0;
  bool begun = false;
  for (size_t i = 0; i < result->run_count; i++) {
    for (size_t j = 0; j < result->runs[i].finding_count; j++) {
      bool fits = out->len < MOST_BYTES - 4 * MARKDOWN_MOST_BLOCK;
      left_out += !fits;
      if (fits) {
        buf_puts(out, begun ? "" : "## Found\n\n");
        put_finding(out, &result->runs[i], &result->runs[i].findings[j]);
        begun = true;
      }
    }
  }
  if (left_out) {
    buf_printf(out, "%zu more findings are in result.json.\n\n", left_out);
  }
}

static void put_next(struct buf *out, const struct result *result) {
  struct strlist next = {0};
  phrase_unused(result, &next);
  phrase_next(result, &next);
  buf_puts(out, next.count ? "## What next\n\n" : "");
  for (size_t i = 0; i < next.count; i++) {
    buf_puts(out, "- ");
    markdown_text(out, next.items[i]);
    buf_puts(out, "\n");
  }
  buf_puts(out, next.count ? "\n" : "");
  strlist_free(&next);
}

static void put_notes(struct buf *out, const struct result *result) {
  bool begun = false;
  for (size_t i = 0; i < result->run_count; i++) {
    for (size_t j = 0; j < result->runs[i].coverage.notes.count && out->len < MOST_BYTES; j++) {
      buf_puts(out, begun ? "- " : "## Notes\n\n- ");
      markdown_taken(out, phrase_label(&result->runs[i]));
      buf_puts(out, ": ");
      markdown_text(out, result->runs[i].coverage.notes.items[j]);
      buf_puts(out, "\n");
      begun = true;
    }
  }
  buf_puts(out, begun ? "\n" : "");
}

static void put_origin(struct buf *out, const struct result *result) {
  buf_puts(out, "Made by ");
  markdown_text(out, result->tool ? result->tool : "flashflood");
  buf_puts(out, result->platform ? " on " : "");
  markdown_text(out, result->platform);
  if (result->command) {
    buf_puts(out, ":\n\n");
    markdown_fence(out, "sh", result->command);
  } else {
    buf_puts(out, "\n");
  }
}

/* Of each column's scenario and engine one failure: the newest. */
static void put_evidence(struct buf *out, const struct result *result) {
  struct grid grid;
  grid_make(result, &grid);
  bool begun = false;
  for (size_t column = 0; column < grid.columns; column += grid.matrix->pythons.count) {
    const struct run *run = grid_evidence(&grid, column);
    for (size_t i = 0; run && i < run->finding_count && out->len < MOST_BYTES - 4 * MARKDOWN_MOST_BLOCK; i++) {
      buf_puts(out, begun ? "" : "## Found in the newest that fails\n\n");
      put_finding(out, run, &run->findings[i]);
      begun = true;
    }
  }
  grid_free(&grid);
}

static void put_runs(struct buf *out, const struct result *result) {
  put_table(out, result);
  put_findings(out, result);
  put_notes(out, result);
}

static void put_matrix(struct buf *out, const struct result *result) {
  grid_markdown(result, out);
  if (result->bisection) {
    changes_markdown(result, out);
  }
  put_evidence(out, result);
}

static void render(const struct result *result, const struct report_style *style, struct buf *out) {
  (void)style;
  buf_printf(out, "# flashflood: %s\n\n", phrase_verdict(verdict_overall(result)));
  if (result->cut_short) {
    buf_puts(out, "**");
    markdown_taken(out, phrase_cut_short());
    buf_puts(out, "**\n\n");
  }
  markdown_taken(out, phrase_summary(result));
  buf_puts(out, "\n\n");
  (result->matrix ? put_matrix : put_runs)(out, result);
  put_next(out, result);
  put_origin(out, result);
}

static const struct report_format markdown = {
    .name = "markdown",
    .file = "summary.md",
    .summary = "Markdown for a GitHub step summary or a comment",
    .render = render,
};
REPORT_FORMAT(markdown);
