/* The lines of a schedule as its replay needs them: by thread, with what was seen of their places. */
#ifndef FF_STRATEGY_REPLAY_LINES_H
#define FF_STRATEGY_REPLAY_LINES_H

#include "strategy/schedule.h"
#include "strategy/strategy.h"

struct replay_line {
  int name;       /* index in schedule->threads of the thread that stops; -1: none */
  uint64_t place; /* its number; 0 where the thread has to stop */
};

struct replay_wanted {
  int name;
  uint64_t place;
  bool seen; /* a point of that thread was there */
};

struct replay_lines {
  const struct schedule *schedule;
  struct replay_line *lines;    /* as many as the schedule has */
  struct replay_wanted *wanted; /* sorted, each once */
  size_t wanted_count;
  int *numbers;                         /* of each name of the schedule; -1: no such thread so far */
  char *names[STRATEGY_MOST_THREADS];   /* of each thread */
  int name_of[STRATEGY_MOST_THREADS];   /* of each thread: index in schedule->threads, or -1 */
  size_t next[STRATEGY_MOST_THREADS];   /* of each name: its next line */
  uint32_t seen[STRATEGY_MOST_THREADS]; /* of each name: how often it was at that line's place */
  bool at_place;                        /* the thread that was told of last is there */
};

void replay_lines_open(struct replay_lines *lines, const struct schedule *schedule);
void replay_lines_close(struct replay_lines *lines);

void replay_lines_name(struct replay_lines *lines, int thread, const char *name);
const char *replay_lines_name_of(const struct replay_lines *lines, int thread); /* NULL: never told */
int replay_lines_thread_of(const struct replay_lines *lines, const char *name); /* -1: none so far */

/* The thread is at a switch point. */
void replay_lines_visit(struct replay_lines *lines, int thread, uint64_t place);

bool replay_lines_is_own(const struct replay_lines *lines, size_t line, int thread);
const struct schedule_switch *replay_lines_current(const struct replay_lines *lines, int thread); /* NULL: none left */
bool replay_lines_is_at(const struct replay_lines *lines, int thread);    /* at its current line's place now */
uint32_t replay_lines_seen(const struct replay_lines *lines, int thread); /* so often since the line before */
void replay_lines_pass(struct replay_lines *lines, int thread);           /* done with its current line */
void replay_lines_pass_to(struct replay_lines *lines, int thread, enum switch_how how); /* to its next such, if any */

/* No thread has the line's names, or its thread was at no time at the line's place. */
bool replay_lines_never_there(const struct replay_lines *lines, size_t line);

#endif
