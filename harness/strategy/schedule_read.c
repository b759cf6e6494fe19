/* Reads what schedule.c writes; the grammar stands there. Strict: one schedule has one text, and whatever else a file
 * holds is told with the line it stands in. */
#include "strategy/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "strategy/schedule_reader.h"
#include "strategy/schedule_text.h"
#include "strategy/strategy.h"

static bool read_string(struct reader *reader, const char *name, char **out) {
  char *rest;
  return reader_expect(reader, name, &rest) && reader_string(reader, reader_word(&rest), name, out) &&
         reader_no_more(reader, rest);
}

static bool read_finding(struct reader *reader) {
  char *rest;
  return reader_expect(reader, "finding", &rest) &&
         reader_string(reader, reader_word(&rest), "kind of the finding", &reader->schedule->kind) &&
         reader_string(reader, reader_word(&rest), "fingerprint", &reader->schedule->fingerprint) &&
         reader_no_more(reader, rest);
}

static bool read_thread(struct reader *reader) {
  struct strlist *threads = &reader->schedule->threads;
  char *name = NULL;
  bool ok = read_string(reader, "thread", &name);
  if (ok && strlist_has(threads, name)) {
    ok = reader_fail(reader, "a second thread '%s'", name);
  } else if (ok && threads->count == STRATEGY_MOST_THREADS) {
    ok = reader_fail(reader, "thread '%s' is one more than the %d there can be", name, STRATEGY_MOST_THREADS);
  }
  if (ok) {
    strlist_add(threads, name);
  }
  free(name);
  return ok;
}

static bool read_threads(struct reader *reader) {
  char *rest;
  if (!reader_expect(reader, "actors", &rest) ||
      !reader_number(reader, reader_word(&rest), "number of actors", 0, STRATEGY_MOST_THREADS,
                     &reader->schedule->thread_count) ||
      !reader_no_more(reader, rest)) {
    return false;
  }
  do {
    if (!read_thread(reader)) {
      return false;
    }
  } while (reader_at(reader, "thread"));
  return reader_expect(reader, "first", &rest) && reader_thread(reader, reader_word(&rest), &reader->schedule->first) &&
         reader_no_more(reader, rest);
}

static bool read_numbers(struct reader *reader) {
  struct schedule *schedule = reader->schedule;
  size_t room = 0;
  while (reader_at(reader, "number")) {
    if (schedule->number_count == room) {
      room = room ? room * 2 : 16;
      schedule->numbers = mem_grow(schedule->numbers, room * sizeof *schedule->numbers);
    }
    char *rest;
    if (!reader_expect(reader, "number", &rest) ||
        !reader_number(reader, reader_word(&rest), "number", 0, UINT64_MAX,
                       &schedule->numbers[schedule->number_count]) ||
        !reader_no_more(reader, rest)) {
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
    return reader_fail(reader, "the place is '%s', not FILE:LINE+OFFSET", word ? word : "");
  }
  *colon = '\0';
  *plus = '\0';
  uint64_t line;
  uint64_t offset;
  if (!reader_string(reader, word, "file", &place->file) ||
      !reader_number(reader, colon + 1, "line", 0, UINT32_MAX, &line) ||
      !reader_number(reader, plus + 1, "offset in the function", 0, UINT32_MAX, &offset)) {
    return false;
  }
  place->line = (uint32_t)line;
  place->offset = (uint32_t)offset;
  return true;
}

static bool take_place(struct reader *reader, char **rest, struct schedule_switch *one) {
  if (!take_lines(reader, reader_word(rest), &one->place) ||
      !reader_string(reader, reader_word(rest), "function", &one->place.function) ||
      !reader_string(reader, reader_word(rest), "instruction", &one->place.op)) {
    return false;
  }
  const char *word = reader_word(rest);
  if (!word || *word != '#') {
    return reader_fail(reader, "the occurrence is '%s', not '#' and a number", word ? word : "");
  }
  uint64_t occurrence;
  if (!reader_number(reader, word + 1, "occurrence", 1, UINT32_MAX, &occurrence)) {
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
  return reader_fail(reader, "the thread stops by '%s', not preempted, waits or ended", word ? word : "");
}

static bool read_switch(struct reader *reader) {
  char *rest;
  struct schedule_switch *one = schedule_add(reader->schedule);
  if (!reader_expect(reader, "switch", &rest) || !reader_thread(reader, reader_word(&rest), &one->thread) ||
      !take_how(reader, reader_word(&rest), &one->how) ||
      (one->how == SWITCH_PREEMPTED && !take_place(reader, &rest, one))) {
    return false;
  }
  const char *arrow = reader_word(&rest);
  if (!arrow || strcmp(arrow, "->") != 0) {
    return reader_fail(reader, "'->' belongs where '%s' stands", arrow ? arrow : "");
  }
  if (!reader_thread(reader, reader_word(&rest), &one->next) || !reader_no_more(reader, rest)) {
    return false;
  }
  return one->how == SWITCH_WAITS || strcmp(one->thread, one->next) != 0 ||
         reader_fail(reader, "from '%s' to itself is no switch", one->thread);
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
  if (!reader_check_version(text, len, err)) {
    return false;
  }
  struct buf copy = {0}; /* ends in a NUL, and is cut in pieces */
  buf_add(&copy, text, len);
  struct reader reader = {.schedule = schedule, .err = err, .next = copy.data};
  bool ok = reader_check_lines(&reader, copy.data, len) && reader_check_end(&reader, copy.data, len);
  if (ok) {
    reader.number = 0;
    reader_advance(&reader); /* the version, which is known */
    ok = read_body(&reader);
  }
  if (!ok) {
    schedule_free(schedule);
  }
  buf_free(&copy);
  return ok;
}
