/* What sched.c, sched_run.c and sched_questions.c share, and nobody else sees: the one schedule that runs. GIL held. */
#ifndef FF_PYTHON_SCHED_STATE_H
#define FF_PYTHON_SCHED_STATE_H

#include "python/fleet.h"
#include "python/sched.h"

struct logical {
  char name[SCHED_NAME_SIZE];
  struct vehicle *vehicle;
  uint64_t deadline;
  const char *waits;
  void (*run)(void *arg);
  void (*drop)(void *arg);
  void *arg;
  uint64_t row; /* points since it was last handed control */
  bool actor;
  bool daemon;
  bool timed_out;
  bool started;
  bool unwinding;
  unsigned raises;
};

struct sched {
  struct sched_setup setup;
  struct vehicle *home;
  struct logical threads[STRATEGY_MOST_THREADS];
  enum thread_state states[STRATEGY_MOST_THREADS];
  int count;
  int running; /* -1: home */
  int actors_left;
  int others;     /* threads but the running one that could be chosen */
  bool active;    /* a schedule runs */
  bool fine;      /* the strategy wants every point */
  bool observing; /* accesses are passed on */
  bool failed;    /* the harness: `err` says why */
  enum sched_end end;
  uint64_t skip;
  uint64_t clock; /* ns */
  uint64_t steps;
  uint64_t after_actors; /* points since the last actor ended */
  uint64_t number;       /* of schedules so far */
  uint64_t passed_by;    /* polls that were no points */
  bool watched;          /* relaxed atomic: sched_watch_closely() */
  bool hung;             /* a schedule before did not end: the others are watched from their beginnings */
  size_t abandoned;
  size_t outlived;
  PyFrameObject *entered;
  struct err *err;
};

extern struct sched sched;

/* Asks the strategy who runs next. */
struct strategy_choice sched_ask(bool forced, uint64_t place);

/* Lets thread `to` run; returns when the caller, thread `from`, is handed control again. -1: home. */
void sched_transfer(int from, int to);

/* The running thread cannot go on: somebody else runs, or the schedule is over. */
void sched_force_switch(enum switch_how how);

void sched_set_state(int index, enum thread_state state);
void sched_recount(void); /* after threads or states have changed: who else could run */

#endif
