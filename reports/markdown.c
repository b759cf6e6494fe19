/* Markdown (GitHub's) for a step summary or a comment: a table of runs, then the details of what was found, folded.
 *
 * Other people's text cannot become markup: in running text and table cells what could is escaped or a code span, in
 * fences the fence is longer than any run of backticks inside. A step summary holds 1 MiB: what is beyond
 * MOST_BYTES is counted instead of shown. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "model/verdict.h"
#include "platform/mem.h"
#include "reports/format.h"
#include "reports/interleaving.h"
#include "reports/phrases.h"

#define MOST_BYTES ((size_t)900 * 1024)
#define MOST_BLOCK ((size_t)32 * 1024) /* of one fenced block */
#define MOST_INLINE 1000               /* of one cell or label */

static bool is_inside_character(char byte) { return (byte & 0xC0) == 0x80; }

/* One line, cut to a length that a cell can bear, at a character's end. */
static char *one_line(const char *text) {
  char *shown = text_shown(text);
  size_t len = strlen(shown);
  if (len > MOST_INLINE) {
    for (len = MOST_INLINE; is_inside_character(shown[len]); len--) {
    }
    shown[len] = '\0';
    char *cut = mem_printf("%s...", shown);
    free(shown);
    return cut;
  }
  return shown;
}

static bool is_word(char c) { return isalnum((unsigned char)c) != 0; }

/* One character, or a run of '@'; `before` is the one that it follows. Returns how many bytes it took. */
static size_t put_character(struct buf *out, const char *at, char before) {
  size_t mentions = strspn(at, "@");
  if (mentions) {
    buf_printf(out, "`%.*s`", (int)mentions, at); /* in a code span it notifies nobody */
    return mentions;
  }
  bool inside_word = *at == '_' && is_word(before) && is_word(at[1]);
  bool starts_link = *at == ':' && at[1] == '/';
  if (strchr("<>&|", *at) || starts_link) {
    buf_printf(out, "&#%d;", *at);
  } else {
    buf_printf(out, "%s%c", strchr("\\`*_[]~$", *at) && !inside_word ? "\\" : "", *at);
  }
  return 1;
}

/* Text that stays text, in a paragraph, a list or a table cell. It is never the first on a line. */
static void put_text(struct buf *out, const char *text) {
  char *line = one_line(text);
  char before = ' ';
  for (const char *at = line; *at; before = at[-1]) {
    at += put_character(out, at, before);
  }
  free(line);
}

/* The same inside an HTML element, where Markdown is not read. */
static void put_html(struct buf *out, const char *text) {
  char *line = one_line(text);
  for (const char *at = line; *at; at++) {
    if (strchr("<>&", *at)) {
      buf_printf(out, "&#%d;", *at);
    } else {
      buf_add(out, at, 1);
    }
  }
  free(line);
}

/* A name: a code span where nothing in it could end one. */
static void put_name(struct buf *out, const char *name) {
  bool plain = name && *name && strlen(name) <= MOST_INLINE;
  for (const char *at = name; plain && *at; at++) {
    plain = isalnum((unsigned char)*at) || strchr("_.=+/:,-~", *at);
  }
  if (plain) {
    buf_printf(out, "`%s`", name);
  } else {
    put_text(out, name);
  }
}

static size_t longest_backticks(const char *text) {
  size_t longest = 0;
  while (*text) {
    size_t run = strspn(text, "`");
    longest = run > longest ? run : longest;
    text += run ? run : 1;
  }
  return longest;
}

/* Leaves the middle out: the head says what it is, the tail what went wrong. */
static void shorten(struct buf *shown) {
  size_t head = MOST_BLOCK / 2;
  size_t tail = shown->len - MOST_BLOCK / 2;
  while (is_inside_character(shown->data[head])) {
    head--;
  }
  while (is_inside_character(shown->data[tail])) {
    tail++;
  }
  struct buf cut = {0};
  buf_add(&cut, shown->data, head);
  buf_puts(&cut, "\n... (cut: result.json has all of it) ...\n");
  buf_puts(&cut, shown->data + tail);
  buf_free(shown);
  *shown = cut;
}

static void put_fence(struct buf *out, const char *language, const char *text) {
  struct buf shown = {0};
  struct buf fence = {0};
  text_show(&shown, text, true);
  if (shown.len > MOST_BLOCK) {
    shorten(&shown);
  }
  size_t ticks = longest_backticks(buf_text(&shown)) + 1;
  for (size_t i = 0; i < (ticks < 3 ? 3 : ticks); i++) {
    buf_puts(&fence, "`");
  }
  bool ends = shown.len && shown.data[shown.len - 1] == '\n';
  buf_printf(out, "%s%s\n%s%s%s\n\n", fence.data, language, buf_text(&shown), ends ? "" : "\n", fence.data);
  buf_free(&fence);
  buf_free(&shown);
}

static void put_taken(struct buf *out, char *text) {
  put_text(out, text);
  free(text);
}

/* Takes `text`; nothing for NULL. */
static void put_in_brackets(struct buf *out, char *text) {
  if (text) {
    buf_puts(out, " (");
    put_taken(out, text);
    buf_puts(out, ")");
  }
}

static void put_row(struct buf *out, const struct run *run) {
  char *target = phrase_target(run);
  char *expected = phrase_expected(run);
  buf_printf(out, "| **%s** | ", phrase_verdict(run->verdict));
  put_name(out, run->scenario);
  buf_puts(out, " | ");
  put_name(out, target);
  buf_puts(out, " | ");
  put_taken(out, phrase_found(run));
  put_in_brackets(out, run->replayed.outcome ? phrase_replayed(run) : mem_dup(run->why));
  buf_puts(out, " | ");
  put_taken(out, phrase_coverage(run));
  buf_puts(out, " (");
  put_taken(out, phrase_engine(run));
  buf_puts(out, ")");
  buf_puts(out, " | ");
  put_text(out, *expected ? expected : "not in the scenario's table");
  buf_puts(out, " |\n");
  free(target);
  free(expected);
}

static void put_finding(struct buf *out, const struct run *run, const struct finding *finding) {
  struct strlist facts = {0};
  char *label = phrase_label(run);
  char *message = phrase_first_line(finding->message);
  char *count = phrase_number(finding->count);
  char *interleaving = interleaving_text(finding, INTERLEAVING_WIDTH);
  buf_printf(out, "<details>\n<summary><b>%s</b> x%s: ", finding_kind_name(finding->kind), count);
  put_html(out, message);
  buf_puts(out, " (");
  put_html(out, label);
  buf_puts(out, ")</summary>\n\n");
  phrase_facts(run, finding, &facts);
  for (size_t i = 0; i < facts.count; i += 2) {
    buf_printf(out, "- %s: ", facts.items[i]);
    put_text(out, facts.items[i + 1]);
    buf_puts(out, "\n");
  }
  buf_puts(out, "\n");
  if (interleaving) {
    buf_puts(out, "In order of execution:\n\n");
    put_fence(out, "text", interleaving);
  }
  put_fence(out, "text", finding->traceback ? finding->traceback : finding->message);
  const char *replay = finding->replay ? finding->replay : run->replay;
  if (replay) {
    buf_puts(out, "Replay:\n\n");
    put_fence(out, "sh", replay);
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
  buf_puts(out,
           "| Verdict | Scenario | Target | Found | Covered | Expected |\n| --- | --- | --- | --- | --- | --- |\n");
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
      bool fits = out->len < MOST_BYTES - 4 * MOST_BLOCK;
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
  phrase_next(result, &next);
  buf_puts(out, next.count ? "## What next\n\n" : "");
  for (size_t i = 0; i < next.count; i++) {
    buf_puts(out, "- ");
    put_text(out, next.items[i]);
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
      put_taken(out, phrase_label(&result->runs[i]));
      buf_puts(out, ": ");
      put_text(out, result->runs[i].coverage.notes.items[j]);
      buf_puts(out, "\n");
      begun = true;
    }
  }
  buf_puts(out, begun ? "\n" : "");
}

static void put_origin(struct buf *out, const struct result *result) {
  buf_puts(out, "Made by ");
  put_text(out, result->tool ? result->tool : "flashflood");
  buf_puts(out, result->platform ? " on " : "");
  put_text(out, result->platform);
  if (result->command) {
    buf_puts(out, ":\n\n");
    put_fence(out, "sh", result->command);
  } else {
    buf_puts(out, "\n");
  }
}

static void render(const struct result *result, const struct report_style *style, struct buf *out) {
  (void)style;
  buf_printf(out, "# flashflood: %s\n\n", phrase_verdict(verdict_overall(result)));
  if (result->cut_short) {
    buf_puts(out, "**");
    put_taken(out, phrase_cut_short());
    buf_puts(out, "**\n\n");
  }
  put_taken(out, phrase_summary(result));
  buf_puts(out, "\n\n");
  put_table(out, result);
  put_findings(out, result);
  put_notes(out, result);
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
