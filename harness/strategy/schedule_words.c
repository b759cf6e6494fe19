/* Lines and words of a schedule, and what single words mean. */
#include "strategy/schedule_reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "platform/mem.h"

bool reader_fail(struct reader *reader, const char *fmt, ...) {
  char what[1024];
  va_list args;
  va_start(args, fmt);
  vsnprintf(what, sizeof what, fmt, args);
  va_end(args);
  char *valid = text_to_utf8(what); /* what was cut off in the middle of a character */
  err_set(reader->err, ERR_USAGE, "line %zu: %s", reader->number, valid);
  free(valid);
  return false;
}

void reader_advance(struct reader *reader) {
  reader->line = reader->next;
  reader->number++;
  char *lf = strchr(reader->line, '\n');
  *lf = '\0';
  reader->next = lf + 1;
}

/* What follows the word, where the line begins with it. */
static char *after_word(const struct reader *reader, const char *word) {
  size_t len = strlen(word);
  return strncmp(reader->line, word, len) == 0 && reader->line[len] == ' ' ? reader->line + len + 1 : NULL;
}

bool reader_expect(struct reader *reader, const char *word, char **rest) {
  static const char *const KNOWN[] = {"scenario", "target", "python", "points", "finding", "actors",
                                      "thread",   "first",  "number", "switch", "end"};
  reader_advance(reader);
  if ((*rest = after_word(reader, word))) {
    return true;
  }
  for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
    if (after_word(reader, KNOWN[i])) {
      return reader_fail(reader, "'%s' is missing, or not in its place: here stands '%s'", word, reader->line);
    }
  }
  return reader_fail(reader, "unknown line '%s': here belongs '%s'", reader->line, word);
}

char *reader_word(char **rest) {
  char *word = *rest;
  if (!word || !*word || *word == ' ') {
    return NULL;
  }
  char *space = strchr(word, ' ');
  *rest = space ? space + 1 : NULL;
  if (space) {
    *space = '\0';
  }
  return word;
}

static int hex_value(char digit) {
  const char *digits = "0123456789ABCDEF";
  const char *found = digit ? strchr(digits, digit) : NULL;
  return found ? (int)(found - digits) : -1;
}

/* NULL for what is no STRING of the grammar; else the caller's. */
static char *unescape(const char *word) {
  if (strcmp(word, "%") == 0) {
    return mem_dup("");
  }
  struct buf out = {0};
  for (; *word; word++) {
    char byte = *word;
    if (byte == '%') {
      int high = hex_value(word[1]);
      int low = high < 0 ? -1 : hex_value(word[2]);
      byte = low < 0 ? '\0' : (char)(high << 4 | low);
      word += 2;
      if (byte == '\0') {
        buf_free(&out);
        return NULL;
      }
    }
    buf_add(&out, &byte, 1);
  }
  char *text = buf_take(&out);
  char *valid = text_to_utf8(text);
  bool same = strcmp(text, valid) == 0;
  free(valid);
  if (!same) {
    free(text);
    return NULL;
  }
  return text;
}

bool reader_string(struct reader *reader, const char *word, const char *what, char **out) {
  if (!word) {
    return reader_fail(reader, "the %s is missing", what);
  }
  *out = unescape(word);
  return *out ||
         reader_fail(reader, "the %s '%s' is not text as a schedule writes it: percent signs are %%25", what, word);
}

bool reader_thread(struct reader *reader, const char *word, char **out) {
  if (!reader_string(reader, word, "thread's name", out)) {
    return false;
  }
  return strlist_has(&reader->schedule->threads, *out) ||
         reader_fail(reader, "thread '%s' is unknown: no 'thread' line names it", *out);
}

bool reader_number(struct reader *reader, const char *word, const char *what, uint64_t least, uint64_t most,
                   uint64_t *out) {
  size_t digits = word ? strspn(word, "0123456789") : 0;
  if (digits == 0 || word[digits] || digits > 20 || (word[0] == '0' && digits > 1)) {
    return reader_fail(reader, "the %s is '%s', not a number", what, word ? word : "");
  }
  *out = 0;
  bool fits = true;
  for (size_t i = 0; i < digits; i++) {
    fits = fits && !__builtin_mul_overflow(*out, (uint64_t)10, out) &&
           !__builtin_add_overflow(*out, (uint64_t)(word[i] - '0'), out);
  }
  return (fits && *out >= least && *out <= most) ||
         reader_fail(reader, "the %s is %s, and may be %" PRIu64 " to %" PRIu64, what, word, least, most);
}

bool reader_no_more(struct reader *reader, const char *rest) {
  return !rest || reader_fail(reader, "'%s' is too much", rest);
}

bool reader_at(const struct reader *reader, const char *word) {
  size_t len = strlen(word);
  return reader->next < reader->end_line && strncmp(reader->next, word, len) == 0 && reader->next[len] == ' ';
}
