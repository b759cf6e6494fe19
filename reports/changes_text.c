#include <stdlib.h>

#include "platform/mem.h"
#include "reports/changes.h"
#include "reports/layout.h"
#include "reports/markdown_text.h"
#include "reports/phrases.h"

#define MOST_LINES 120 /* of one diff */

static void put_taken(struct buf *out, const struct report_style *style, int at, char *text) {
  layout_line(out, style, at, at + 2, text);
  free(text);
}

/* One line, however long: it has to survive copying. */
static void put_command(struct buf *out, const struct report_style *style, const char *command) {
  if (command) {
    buf_puts(out, "      replay: ");
    layout_cell(out, style, TONE_STRONG, command, 0);
    buf_puts(out, "\n");
  }
}

/* What it was, in a line. The caller's. */
static char *in_short(const struct finding *finding) {
  char *message = phrase_first_line(finding->message);
  char *text = mem_printf("%s%s%s", message, finding->where ? ", at " : "", finding->where ? finding->where : "");
  free(message);
  return text;
}

static void put_side(struct buf *out, const struct report_style *style, const struct result *result,
                     const char *target) {
  const struct finding *finding = change_finding(result, target);
  put_taken(out, style, 2, change_evidence(result, target));
  if (finding) {
    put_taken(out, style, 6, in_short(finding));
    put_command(out, style, finding->replay);
  }
}

static void put_change(struct buf *out, const struct report_style *style, const struct result *result,
                       const struct change *change) {
  buf_puts(out, "\n");
  put_taken(out, style, 0, change_title(change));
  put_side(out, style, result, change->before);
  put_side(out, style, result, change->after);
  put_taken(out, style, 2, change_files(change));
  layout_block(out, 4, change->diff ? change->diff : "", MOST_LINES);
}

void changes_text(const struct result *result, const struct report_style *style, struct buf *out) {
  const struct bisection *bisection = result->bisection;
  for (size_t i = 0; i < bisection->change_count; i++) {
    put_change(out, style, result, &bisection->changes[i]);
  }
  buf_puts(out, "\n");
  put_taken(out, style, 0, changes_summary(result));
}

static void put_item(struct buf *out, char *text) {
  buf_puts(out, "- ");
  markdown_taken(out, text);
  buf_puts(out, "\n");
}

static void put_section(struct buf *out, const struct result *result, const struct change *change) {
  const struct finding *before = change_finding(result, change->before);
  const struct finding *finding = before ? before : change_finding(result, change->after);
  buf_puts(out, "## ");
  markdown_taken(out, change_title(change));
  buf_puts(out, "\n\n");
  put_item(out, change_evidence(result, change->before));
  put_item(out, change_evidence(result, change->after));
  if (finding) {
    put_item(out, in_short(finding));
  }
  put_item(out, change_files(change));
  buf_puts(out, "\n");
  if (finding && finding->replay) {
    markdown_fence(out, "sh", finding->replay);
  }
  if (change->diff && *change->diff) {
    markdown_fence(out, "diff", change->diff);
  }
}

void changes_markdown(const struct result *result, struct buf *out) {
  const struct bisection *bisection = result->bisection;
  for (size_t i = 0; i < bisection->change_count; i++) {
    put_section(out, result, &bisection->changes[i]);
  }
  markdown_taken(out, changes_summary(result));
  buf_puts(out, "\n\n");
}
