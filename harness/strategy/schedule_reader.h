/* The reader of schedules, in three files: the text as a whole, its words, its lines.
 *
 * Everything that returns false has told why in `err`, with the number of the line. */
#ifndef FF_STRATEGY_SCHEDULE_READER_H
#define FF_STRATEGY_SCHEDULE_READER_H

#include "strategy/schedule.h"

struct reader {
  char *line;     /* the current one, without its LF */
  char *next;     /* where the one after it begins */
  char *end_line; /* the last one: the checksum's */
  size_t number;  /* of the current line, from 1 */
  struct schedule *schedule;
  struct err *err;
};

bool reader_fail(struct reader *reader, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The text as a whole: schedule_whole.c */
bool reader_check_version(const char *text, size_t len, struct err *err);
/* Of `text`, which ends in a NUL: bytes that no schedule has; finds `end_line`. */
bool reader_check_lines(struct reader *reader, char *text, size_t len);
bool reader_check_end(struct reader *reader, const char *text, size_t len); /* its checksum */

/* Words: schedule_words.c */
void reader_advance(struct reader *reader);                    /* to the next line */
bool reader_at(const struct reader *reader, const char *word); /* the next line, before the last, begins with it */
/* Advances to a line that has to begin with the word; `rest` is what follows it. */
bool reader_expect(struct reader *reader, const char *word, char **rest);
char *reader_word(char **rest); /* cuts the next word off; NULL: there is none */
bool reader_no_more(struct reader *reader, const char *rest);
/* What a word means; NULL is told as missing. Strings are the caller's, also where it is false. */
bool reader_string(struct reader *reader, const char *word, const char *what, char **out);
bool reader_thread(struct reader *reader, const char *word, char **out); /* the name of one that is known */
bool reader_number(struct reader *reader, const char *word, const char *what, uint64_t least, uint64_t most,
                   uint64_t *out);

#endif
