/* Who runs next? (docs/architecture.md)
 *
 * After Shuttle's scheduler trait: begin a schedule, choose at each point, end it. A strategy never includes Python.h:
 * it sees numbers of threads and of places, nothing else. Threads are numbered from 0 in the order of their creation,
 * which is the same in every schedule up to the first different choice.
 *
 * A schedule is a sequence of steps. A step is what one thread does from one point of its own to its next: it ends at a
 * switch point (the thread could go on), where the thread waits, or where it ends. Time is virtual: a thread that waits
 * with a deadline may be chosen at any point, and the clock then jumps to that deadline.
 *
 * Threading: called by one thread at a time, the one that holds control. The same calls with the same seed give the
 * same answers. */
#ifndef FF_STRATEGY_STRATEGY_H
#define FF_STRATEGY_STRATEGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"
#include "platform/registry.h"

#define STRATEGY_MOST_THREADS 64
#define STRATEGY_NO_BOUND (-1)         /* preemptions: no bound */
#define STRATEGY_ALL_POINTS UINT64_MAX /* skip: until the thread waits or ends */

enum thread_state {
  THREAD_RUNNABLE, /* may run now */
  THREAD_TIMED,    /* waits with a deadline: may be chosen, time then jumps to it */
  THREAD_BLOCKED,  /* waits, and cannot run until another thread lets it */
  THREAD_ENDED,
};

struct strategy_point {
  int running;                     /* the thread that is at the point; -1 before the first step */
  bool forced;                     /* it cannot go on: it waits or has ended, or there is none yet */
  int threads;                     /* how many there are, those that have ended included */
  const enum thread_state *states; /* of each; that of `running` too */
  int next_timed;                  /* the THREAD_TIMED one with the earliest deadline (the lowest of equals), or -1 */
  uint64_t place;                  /* schedule_place_id() of where `running` is; 0 where it is `forced` */
};

struct strategy_choice {
  int thread;    /* RUNNABLE or TIMED */
  uint64_t skip; /* at so many further switch points of `thread` in a row it goes on without choose() being asked */
};

struct schedule;

/* What a strategy is opened with; each takes what it knows. */
struct strategy_options {
  uint64_t seed;
  int64_t preemptions;             /* the bound, or STRATEGY_NO_BOUND */
  bool preemptions_given;          /* false: the strategy's own plan */
  int depth;                       /* of pct; 0: its own choice */
  bool no_reduction;               /* exhaustive: explore every interleaving (for tests of the explorer itself) */
  const struct schedule *schedule; /* replay: borrowed until close */
};

/* What may be claimed for what was explored so far. */
struct strategy_claim {
  double done;    /* part of the space explored, 0 to 1; -1: not known */
  int64_t bound;  /* every schedule with up to so many preemptions was run; -1: none such */
  bool complete;  /* every schedule was run, or one that is equivalent to it */
  char text[400]; /* a sentence for the report: "every schedule with up to 2 preemptions (1,204 schedules) was run" */
};

struct strategy {
  const char *name;
  const char *summary;
  bool controlled; /* false: the OS decides, and the methods are never called */

  void *(*open)(const struct strategy_options *options);
  /* Begins a schedule. False: there is none left to try. */
  bool (*begin)(void *state);
  /* At every point. At least one thread is RUNNABLE or TIMED. */
  struct strategy_choice (*choose)(void *state, const struct strategy_point *point);
  /* flashflood.choose(n), within a step: 0 to bound - 1. */
  uint64_t (*choose_number)(void *state, uint64_t bound);
  /* Ends the schedule. `steps`: switch points that were passed, skipped ones too where they could be counted. */
  void (*end)(void *state, bool failed, uint64_t steps);
  void (*claim)(const void *state, struct strategy_claim *claim);
  void (*close)(void *state);

  /* Optional, for strategies that reduce. The running step reads or writes a cell of shared state: an attribute, a key
   * of a dict, a lock. Cells have the same number in every schedule that shares the steps before. NULL: not wanted. */
  void (*touch)(void *state, uint64_t cell, bool write);
  /* Optional: whether accesses are wanted in the schedule that was just begun (they cost). NULL: wanted if `touch` is.
   */
  bool (*wants_touch)(const void *state);
  /* Optional: true when the rest of the schedule that runs is redundant; it is then cut off, and is no outcome. */
  bool (*is_redundant)(const void *state);
};

/* A step of which `cell` is this touched what cannot be seen: it conflicts with every access of every other step. */
#define STRATEGY_CELL_UNKNOWN 0

REGISTRY_DECLARE(strategies, struct strategy);

/* The choice that is no choice: go on; where that cannot be, the lowest runnable thread, another than `running` if there
 * is one, else the next timed one. */
int strategy_default(const struct strategy_point *point);

/* True where choosing `thread` counts as a preemption: a runnable thread is made to wait, or time is made to pass
 * although somebody could run. */
bool strategy_is_preemption(const struct strategy_point *point, int thread);

#endif
