#include "reports/layout.h"

#include <stdlib.h>
#include <string.h>

#include "model/text.h"

int layout_width(const struct report_style *style) {
  int width = style && style->width > 0 ? style->width : 80;
  return width < 40 ? 40 : width;
}

enum tone layout_tone(enum verdict verdict) {
  static const enum tone TONES[] = {TONE_GOOD, TONE_BAD, TONE_DOUBTFUL};
  return TONES[verdict];
}

static void indent_to(struct buf *out, int columns) { buf_printf(out, "%*s", columns, ""); }

void layout_cell(struct buf *out, const struct report_style *style, enum tone tone, const char *text, int columns) {
  static const char *const ON[] = {"", "\033[1m", "\033[32m", "\033[1;31m", "\033[33m"};
  bool colour = style && style->colour && tone != TONE_PLAIN;
  char *shown = text_shown(text);
  int used = text_width(shown);
  buf_printf(out, "%s%s%s", colour ? ON[tone] : "", shown, colour ? "\033[0m" : "");
  indent_to(out, used < columns ? columns - used : 0);
  free(shown);
}

void layout_wrap(struct buf *out, const struct report_style *style, int at, int indent, const char *text) {
  char *shown = text_shown(text);
  char *rest = NULL;
  int column = at;
  bool begun = false;
  for (char *word = strtok_r(shown, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    int width = text_width(word);
    if (begun && column + 1 + width > layout_width(style)) {
      buf_puts(out, "\n");
      indent_to(out, indent);
      column = indent;
      begun = false;
    }
    buf_printf(out, "%s%s", begun ? " " : "", word);
    column += width + begun;
    begun = true;
  }
  buf_puts(out, "\n");
  free(shown);
}

void layout_line(struct buf *out, const struct report_style *style, int at, int indent, const char *text) {
  indent_to(out, at);
  layout_wrap(out, style, at, indent, text);
}

static size_t count_lines(const char *text) {
  size_t lines = 0;
  for (; *text; lines++) {
    text += strcspn(text, "\n");
    text += *text == '\n';
  }
  return lines;
}

void layout_block(struct buf *out, int indent, const char *text, size_t most) {
  struct buf shown = {0};
  text_show(&shown, text, true);
  size_t lines = count_lines(buf_text(&shown));
  size_t head = lines > most ? most / 2 : lines;
  size_t tail = lines > most ? lines - (most - head) : lines;
  const char *line = buf_text(&shown);
  for (size_t i = 0; i < lines; i++) {
    size_t len = strcspn(line, "\n");
    if (i < head || i >= tail) {
      indent_to(out, len ? indent : 0);
      buf_add(out, line, len);
      buf_puts(out, "\n");
    } else if (i == head) {
      indent_to(out, indent);
      buf_printf(out, "... (%zu more lines: result.json has them)\n", tail - head);
    }
    line += len + (line[len] == '\n');
  }
  buf_free(&shown);
}
