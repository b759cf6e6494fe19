/* Reads what schedule.c writes; the grammar stands there. Strict: one schedule has one text, and whatever else a file
 * holds is told with the line it stands in. */
#include "strategy/schedule.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "platform/mem.h"
#include "strategy/schedule_text.h"
#include "strategy/strategy.h"

struct reader {
  char *line;     /* the current one, without its LF */
  char *next;     /* where the one after it begins */
  char *end_line; /* the last one: the checksum's */
  size_t number;  /* of the current line, from 1 */
  struct schedule *schedule;
  struct err *err;
};

static bool fail(struct reader *reader, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct reader *reader, const char *fmt, ...) {
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

/* ---- the text as a whole -------------------------------------------------------------------------------------------
 */

static bool check_version(const char *text, size_t len, struct err *err) {
  const char *lf = memchr(text, '\n', len);
  size_t line_len = lf ? (size_t)(lf - text) : len;
  char *start = mem_dupn(text, line_len < 80 ? line_len : 80);
  char *line = text_to_utf8(start);
  free(start);
  char *after = NULL;
  const char *digits = line + strlen(SCHEDULE_MAGIC);
  bool ok =
      strncmp(line, SCHEDULE_MAGIC, strlen(SCHEDULE_MAGIC)) == 0 && isdigit((unsigned char)*digits) && *digits != '0';
  unsigned long version = ok ? strtoul(digits, &after, 10) : 0;
  if (!ok || (*after && strcmp(after, "\r") != 0)) {
    ok = err_set(err, ERR_USAGE, "not a flashflood schedule: its first line is '%s', not '" SCHEDULE_MAGIC "%d'", line,
                 SCHEDULE_VERSION);
  } else if (version > SCHEDULE_VERSION) {
    ok = err_set(err, ERR_USAGE, "a schedule of version %lu; this flashflood reads up to %d: update it", version,
                 SCHEDULE_VERSION);
  }
  free(line);
  return ok;
}

/* Bytes that no schedule has, wherever they stand. */
static bool check_line(struct reader *reader, const char *line, size_t len) {
  if (len > SCHEDULE_LONGEST_LINE) {
    return fail(reader, "%zu bytes long; the longest that is read has %zu", len, SCHEDULE_LONGEST_LINE);
  }
  if (len && line[len - 1] == '\r') {
    return fail(reader, "ends in CR LF, and a schedule's lines in LF alone: take the file as it was written (for git, "
                        "'*.flood -text' in .gitattributes)");
  }
  uint32_t character;
  for (size_t at = 0, width; at < len; at += width) {
    width = text_next(line + at, &character);
    bool lost = character == TEXT_REPLACEMENT && (width != 3 || memcmp(line + at, "\xef\xbf\xbd", 3) != 0);
    if (width == 0 || lost || character < 0x20 || (character >= 0x7f && character <= 0x9f)) {
      return fail(reader, "byte %zu is 0x%02x, which is %s: the file is damaged", at + 1, (unsigned char)line[at],
                  lost ? "not UTF-8" : "a control character");
    }
  }
  return true;
}

static bool check_lines(struct reader *reader, char *text, size_t len) {
  char *line = text;
  for (reader->number = 1; line < text + len; reader->number++) {
    if (reader->number > SCHEDULE_MOST_LINES) {
      return fail(reader, "more than the %d lines that are read", SCHEDULE_MOST_LINES);
    }
    char *lf = memchr(line, '\n', (size_t)(text + len - line));
    if (!check_line(reader, line, lf ? (size_t)(lf - line) : (size_t)(text + len - line))) {
      return false;
    }
    if (!lf || lf + 1 == text + len) {
      break;
    }
    line = lf + 1;
  }
  reader->end_line = line;
  return true;
}

static bool check_end(struct reader *reader, const char *text, size_t len) {
  const char *end = reader->end_line;
  size_t end_len = (size_t)(text + len - end);
  if (end_len != strlen("end 0123456789abcdef\n") || strncmp(end, "end ", 4) != 0 ||
      strspn(end + 4, "0123456789abcdef") != 16 || end[20] != '\n') {
    return fail(reader, "the file is cut off: its last line is '%.*s', not 'end' with a checksum",
                (int)strcspn(end, "\n"), end);
  }
  uint64_t sum = schedule_checksum(text, (size_t)(end - text));
  if (sum != strtoull(end + 4, NULL, 16)) {
    return fail(reader,
                "the checksum is %.16s, and the lines before it give %016" PRIx64
                ": one of them is damaged (or was edited: then the last line must be 'end %016" PRIx64 "')",
                end + 4, sum, sum);
  }
  return true;
}

/* ---- words ----------------------------------------------------------------------------------------------------------
 */

static void advance(struct reader *reader) {
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

static bool expect(struct reader *reader, const char *word, char **rest) {
  static const char *const KNOWN[] = {"scenario", "target", "python", "points", "finding", "actors",
                                      "thread",   "first",  "number", "switch", "end"};
  advance(reader);
  if ((*rest = after_word(reader, word))) {
    return true;
  }
  for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
    if (after_word(reader, KNOWN[i])) {
      return fail(reader, "'%s' is missing, or not in its place: here stands '%s'", word, reader->line);
    }
  }
  return fail(reader, "unknown line '%s': here belongs '%s'", reader->line, word);
}

/* Cuts the next word off; NULL where there is none. */
static char *take_word(char **rest) {
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

static bool take_string(struct reader *reader, const char *word, const char *what, char **out) {
  if (!word) {
    return fail(reader, "the %s is missing", what);
  }
  *out = unescape(word);
  return *out || fail(reader, "the %s '%s' is not text as a schedule writes it: percent signs are %%25", what, word);
}

static bool take_thread(struct reader *reader, const char *word, char **out) {
  if (!take_string(reader, word, "thread's name", out)) {
    return false;
  }
  return strlist_has(&reader->schedule->threads, *out) ||
         fail(reader, "thread '%s' is unknown: no 'thread' line names it", *out);
}

static bool take_number(struct reader *reader, const char *word, const char *what, uint64_t least, uint64_t most,
                        uint64_t *out) {
  size_t digits = word ? strspn(word, "0123456789") : 0;
  if (digits == 0 || word[digits] || digits > 20 || (word[0] == '0' && digits > 1)) {
    return fail(reader, "the %s is '%s', not a number", what, word ? word : "");
  }
  *out = 0;
  bool fits = true;
  for (size_t i = 0; i < digits; i++) {
    fits = fits && !__builtin_mul_overflow(*out, (uint64_t)10, out) &&
           !__builtin_add_overflow(*out, (uint64_t)(word[i] - '0'), out);
  }
  return (fits && *out >= least && *out <= most) ||
         fail(reader, "the %s is %s, and may be %" PRIu64 " to %" PRIu64, what, word, least, most);
}

static bool no_more(struct reader *reader, const char *rest) { return !rest || fail(reader, "'%s' is too much", rest); }

/* ---- lines ----------------------------------------------------------------------------------------------------------
 */

static bool read_string(struct reader *reader, const char *name, char **out) {
  char *rest;
  return expect(reader, name, &rest) && take_string(reader, take_word(&rest), name, out) && no_more(reader, rest);
}

static bool read_finding(struct reader *reader) {
  char *rest;
  return expect(reader, "finding", &rest) &&
         take_string(reader, take_word(&rest), "kind of the finding", &reader->schedule->kind) &&
         take_string(reader, take_word(&rest), "fingerprint", &reader->schedule->fingerprint) && no_more(reader, rest);
}

static bool at(const struct reader *reader, const char *word) {
  size_t len = strlen(word);
  return reader->next < reader->end_line && strncmp(reader->next, word, len) == 0 && reader->next[len] == ' ';
}

static bool read_thread(struct reader *reader) {
  struct strlist *threads = &reader->schedule->threads;
  char *name = NULL;
  bool ok = read_string(reader, "thread", &name);
  if (ok && strlist_has(threads, name)) {
    ok = fail(reader, "a second thread '%s'", name);
  } else if (ok && threads->count == STRATEGY_MOST_THREADS) {
    ok = fail(reader, "thread '%s' is one more than the %d there can be", name, STRATEGY_MOST_THREADS);
  }
  if (ok) {
    strlist_add(threads, name);
  }
  free(name);
  return ok;
}

static bool read_threads(struct reader *reader) {
  char *rest;
  if (!expect(reader, "actors", &rest) ||
      !take_number(reader, take_word(&rest), "number of actors", 0, STRATEGY_MOST_THREADS,
                   &reader->schedule->thread_count) ||
      !no_more(reader, rest)) {
    return false;
  }
  do {
    if (!read_thread(reader)) {
      return false;
    }
  } while (at(reader, "thread"));
  return expect(reader, "first", &rest) && take_thread(reader, take_word(&rest), &reader->schedule->first) &&
         no_more(reader, rest);
}

static bool read_numbers(struct reader *reader) {
  struct schedule *schedule = reader->schedule;
  size_t room = 0;
  while (at(reader, "number")) {
    if (schedule->number_count == room) {
      room = room ? room * 2 : 16;
      schedule->numbers = mem_grow(schedule->numbers, room * sizeof *schedule->numbers);
    }
    char *rest;
    if (!expect(reader, "number", &rest) ||
        !take_number(reader, take_word(&rest), "number", 0, UINT64_MAX, &schedule->numbers[schedule->number_count]) ||
        !no_more(reader, rest)) {
      return false;
    }
    schedule->number_count++;
  }
  return true;
}

/* FILE:LINE+OFFSET; the file may have colons itself. */
static bool take_lines(struct reader *reader, char *word, struct schedule_place *place) {
  char *colon = word ? strrchr(word, ':') : NULL;
  char *plus = colon ? strchr(colon, '+') : NULL;
  if (!plus) {
    return fail(reader, "the place is '%s', not FILE:LINE+OFFSET", word ? word : "");
  }
  *colon = '\0';
  *plus = '\0';
  uint64_t line;
  uint64_t offset;
  if (!take_string(reader, word, "file", &place->file) ||
      !take_number(reader, colon + 1, "line", 0, UINT32_MAX, &line) ||
      !take_number(reader, plus + 1, "offset in the function", 0, UINT32_MAX, &offset)) {
    return false;
  }
  place->line = (uint32_t)line;
  place->offset = (uint32_t)offset;
  return true;
}

static bool take_place(struct reader *reader, char **rest, struct schedule_switch *one) {
  if (!take_lines(reader, take_word(rest), &one->place) ||
      !take_string(reader, take_word(rest), "function", &one->place.function) ||
      !take_string(reader, take_word(rest), "instruction", &one->place.op)) {
    return false;
  }
  const char *word = take_word(rest);
  if (!word || *word != '#') {
    return fail(reader, "the occurrence is '%s', not '#' and a number", word ? word : "");
  }
  uint64_t occurrence;
  if (!take_number(reader, word + 1, "occurrence", 1, UINT32_MAX, &occurrence)) {
    return false;
  }
  one->occurrence = (uint32_t)occurrence;
  return true;
}

static bool take_how(struct reader *reader, const char *word, enum switch_how *how) {
  for (int i = SWITCH_PREEMPTED; word && i <= SWITCH_ENDED; i++) {
    if (strcmp(SCHEDULE_HOW_NAMES[i], word) == 0) {
      *how = (enum switch_how)i;
      return true;
    }
  }
  return fail(reader, "the thread stops by '%s', not preempted, waits or ended", word ? word : "");
}

static bool read_switch(struct reader *reader) {
  char *rest;
  struct schedule_switch *one = schedule_add(reader->schedule);
  if (!expect(reader, "switch", &rest) || !take_thread(reader, take_word(&rest), &one->thread) ||
      !take_how(reader, take_word(&rest), &one->how) ||
      (one->how == SWITCH_PREEMPTED && !take_place(reader, &rest, one))) {
    return false;
  }
  const char *arrow = take_word(&rest);
  if (!arrow || strcmp(arrow, "->") != 0) {
    return fail(reader, "'->' belongs where '%s' stands", arrow ? arrow : "");
  }
  if (!take_thread(reader, take_word(&rest), &one->next) || !no_more(reader, rest)) {
    return false;
  }
  return one->how == SWITCH_WAITS || strcmp(one->thread, one->next) != 0 ||
         fail(reader, "from '%s' to itself is no switch", one->thread);
}

static bool read_body(struct reader *reader) {
  struct schedule *schedule = reader->schedule;
  if (!read_string(reader, "scenario", &schedule->scenario) || !read_string(reader, "target", &schedule->target) ||
      !read_string(reader, "python", &schedule->python) || !read_string(reader, "points", &schedule->points) ||
      !read_finding(reader) || !read_threads(reader) || !read_numbers(reader)) {
    return false;
  }
  while (reader->next < reader->end_line) {
    if (!read_switch(reader)) {
      return false;
    }
  }
  return true;
}

bool schedule_read(const char *text, size_t len, struct schedule *schedule, struct err *err) {
  *schedule = (struct schedule){0};
  if (len == 0) {
    return err_set(err, ERR_USAGE, "not a flashflood schedule: the file is empty");
  }
  if (len > SCHEDULE_MOST_BYTES) {
    return err_set(err, ERR_USAGE, "%zu bytes; the longest schedule that is read has %zu", len, SCHEDULE_MOST_BYTES);
  }
  if (!check_version(text, len, err)) {
    return false;
  }
  struct buf copy = {0}; /* ends in a NUL, and is cut in pieces */
  buf_add(&copy, text, len);
  struct reader reader = {.schedule = schedule, .err = err, .next = copy.data};
  bool ok = check_lines(&reader, copy.data, len) && check_end(&reader, copy.data, len);
  if (ok) {
    reader.number = 0;
    advance(&reader); /* the version, which is known */
    ok = read_body(&reader);
  }
  if (!ok) {
    schedule_free(schedule);
  }
  buf_free(&copy);
  return ok;
}
