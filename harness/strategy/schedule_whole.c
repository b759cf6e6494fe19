/* What can be said of a schedule's text before its lines mean anything: version, bytes, checksum. */
#include "strategy/schedule_reader.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "platform/mem.h"
#include "strategy/schedule_text.h"

bool reader_check_version(const char *text, size_t len, struct err *err) {
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
    return reader_fail(reader, "%zu bytes long; the longest that is read has %zu", len, SCHEDULE_LONGEST_LINE);
  }
  if (len && line[len - 1] == '\r') {
    return reader_fail(reader,
                       "ends in CR LF, and a schedule's lines in LF alone: take the file as it was written (for git, "
                       "'*.flood -text' in .gitattributes)");
  }
  uint32_t character;
  for (size_t at = 0, width; at < len; at += width) {
    width = text_next(line + at, &character);
    bool lost = character == TEXT_REPLACEMENT && (width != 3 || memcmp(line + at, "\xef\xbf\xbd", 3) != 0);
    if (width == 0 || lost || character < 0x20 || (character >= 0x7f && character <= 0x9f)) {
      return reader_fail(reader, "byte %zu is 0x%02x, which is %s: the file is damaged", at + 1,
                         (unsigned char)line[at], lost ? "not UTF-8" : "a control character");
    }
  }
  return true;
}

bool reader_check_lines(struct reader *reader, char *text, size_t len) {
  char *line = text;
  for (reader->number = 1; line < text + len; reader->number++) {
    if (reader->number > SCHEDULE_MOST_LINES) {
      return reader_fail(reader, "more than the %d lines that are read", SCHEDULE_MOST_LINES);
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

bool reader_check_end(struct reader *reader, const char *text, size_t len) {
  const char *end = reader->end_line;
  size_t end_len = (size_t)(text + len - end);
  if (end_len != strlen("end 0123456789abcdef\n") || strncmp(end, "end ", 4) != 0 ||
      strspn(end + 4, "0123456789abcdef") != 16 || end[20] != '\n') {
    return reader_fail(reader, "the file is cut off: its last line is '%.*s', not 'end' with a checksum",
                       (int)strcspn(end, "\n"), end);
  }
  uint64_t sum = schedule_checksum(text, (size_t)(end - text));
  if (sum != strtoull(end + 4, NULL, 16)) {
    return reader_fail(reader,
                       "the checksum is %.16s, and the lines before it give %016" PRIx64
                       ": one of them is damaged (or was edited: then the last line must be 'end %016" PRIx64 "')",
                       end + 4, sum, sum);
  }
  return true;
}
