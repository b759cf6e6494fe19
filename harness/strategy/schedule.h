/* A schedule: which switches a run made, and where. It is kept as text, in a `.flood` file (docs/schedules.md; the
 * grammar stands in schedule.c).
 *
 * A switch is known by its place in the program, not by a count of steps, so that what was found on one Python or one
 * release can be tried on the next. Strings are owned by the struct; UTF-8, and NULL is written as "". Threading: one
 * thread at a time. */
#ifndef FF_STRATEGY_SCHEDULE_H
#define FF_STRATEGY_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/buf.h"
#include "platform/err.h"

#define SCHEDULE_VERSION 1

enum switch_how {
  SWITCH_PREEMPTED, /* at a switch point, where the thread could have gone on */
  SWITCH_WAITS,     /* it had to: it waits */
  SWITCH_ENDED,     /* it had to: it has ended */
};

/* Where in the program. `file` is relative to the target; `offset` is the line's distance from the function's first. */
struct schedule_place {
  char *file;
  char *function; /* its qualified name */
  uint32_t line;
  uint32_t offset;
  char *op; /* the instruction: RESUME, JUMP_BACKWARD, CALL, … */
};

struct schedule_switch {
  char *thread; /* who stops */
  enum switch_how how;
  struct schedule_place place; /* of SWITCH_PREEMPTED only; else all zero */
  uint32_t occurrence;         /* the how-manieth time, from 1, that it is there since it began to run */
  char *next;                  /* who runs */
};

struct schedule {
  char *scenario;
  char *target;
  char *python; /* "3.11.2" */
  char *points; /* "gil" or "bytecode" */
  char *kind;   /* of the finding */
  char *fingerprint;
  uint64_t thread_count;  /* actor threads, as --threads says */
  struct strlist threads; /* names, in the order of creation */
  char *first;            /* who runs first */
  uint64_t *numbers;      /* what flashflood.choose() gave, in order */
  size_t number_count;
  struct schedule_switch *switches;
  size_t switch_count;
};

/* The same place has the same number on every Python: instructions are put in classes (entry of a function, end of a
 * loop's round, call, each other by its name), and lines are counted from the function's first. Never 0. */
uint64_t schedule_place_id(const char *file, const char *function, uint32_t offset, const char *op);

char *schedule_write(const struct schedule *schedule); /* the text; the caller's */

/* False for what is not a whole, undamaged schedule of a version that is known; the message says which line and why. */
bool schedule_read(const char *text, size_t len, struct schedule *schedule, struct err *err);

struct schedule_switch *schedule_add(struct schedule *schedule); /* zeroed; valid until the next add */
void schedule_copy(struct schedule *to, const struct schedule *from);
void schedule_free(struct schedule *schedule);

#endif
