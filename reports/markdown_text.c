#include "reports/markdown_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "platform/mem.h"

#define MOST_INLINE 1000 /* of one cell or label */

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

void markdown_text(struct buf *out, const char *text) {
  char *line = one_line(text);
  char before = ' ';
  for (const char *at = line; *at; before = at[-1]) {
    at += put_character(out, at, before);
  }
  free(line);
}

void markdown_html(struct buf *out, const char *text) {
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

void markdown_name(struct buf *out, const char *name) {
  bool plain = name && *name && strlen(name) <= MOST_INLINE;
  for (const char *at = name; plain && *at; at++) {
    plain = isalnum((unsigned char)*at) || strchr("_.=+/:,-~", *at);
  }
  if (plain) {
    buf_printf(out, "`%s`", name);
  } else {
    markdown_text(out, name);
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
  size_t head = MARKDOWN_MOST_BLOCK / 2;
  size_t tail = shown->len - MARKDOWN_MOST_BLOCK / 2;
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

void markdown_fence(struct buf *out, const char *language, const char *text) {
  struct buf shown = {0};
  struct buf fence = {0};
  text_show(&shown, text, true);
  if (shown.len > MARKDOWN_MOST_BLOCK) {
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

void markdown_taken(struct buf *out, char *text) {
  markdown_text(out, text);
  free(text);
}
