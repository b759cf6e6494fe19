/* The scheduler: logical threads under control, one running at a time, virtual time, and who runs next.
 *
 * Switch points (points.h), virtual locks (virtual_lock.c), thread starts and sleeps call it on the logical thread that
 * is running; it asks the strategy and hands over. The harness itself is "home": it starts a schedule and is handed
 * control when the schedule is over. All calls with the GIL held. One a process. */
#ifndef FF_PYTHON_SCHED_H
#define FF_PYTHON_SCHED_H

#include "python/python.h"

#include "carrier/carrier.h"
#include "python/code_map.h"
#include "strategy/schedule.h"
#include "strategy/strategy.h"

#define SCHED_NO_DEADLINE UINT64_MAX
#define SCHED_NAME_SIZE 96
#define SCHED_STEP_LIMIT 200000      /* switch points in one schedule; more: hang */
#define SCHED_ROW_LIMIT 10000        /* switch points of one thread in a row before others get a turn */
#define SCHED_EPOCH_NS 1700000000ULL /* seconds: what time.time() says at the start of each schedule */

/* The cells of strategy.h that are the scheduler's own; those of objects are observe.c's. */
enum { SCHED_CELL_CLOCK = 1, SCHED_CELL_THREADS = 16 /* + the thread's number */ };

struct sched_body {
  const char *name;
  void (*run)(void *arg);
  void *arg;
};

enum sched_end {
  SCHED_DONE,     /* every actor ended, and what it had started ended or waits */
  SCHED_DEADLOCK, /* an actor has not ended, and nobody can run */
  SCHED_HANG,     /* the step limit */
  SCHED_CUT,      /* the strategy knows the rest to be redundant */
};

struct sched_setup {
  const struct carrier *carrier;
  const struct strategy *strategy;
  void *strategy_state;
  uint64_t step_limit;
  void (*arm)(void);                                     /* the switch points': call us at the next one */
  void (*thread_ready)(void);                            /* on a logical thread, before its body; or NULL */
  void (*named)(void *arg, int index, const char *name); /* a thread was created; or NULL */
  void *named_arg;
  void (*stuck)(void *arg, enum sched_end end); /* deadlock or hang, all threads still parked */
  void *arg;
};

/* Before the scenario object of a schedule is made: its constructor may ask for numbers. */
void sched_prepare(const struct strategy *strategy, void *strategy_state);

/* Runs one schedule of these actors. The strategy's begin() was called, its end() is the caller's. False: the harness
 * failed (no stack, no thread state). */
bool sched_run(const struct sched_setup *setup, const struct sched_body *actors, size_t count, enum sched_end *end,
               struct err *err);

/* ---- on a logical thread ------------------------------------------------------------------------------------------
 */

/* Whether the caller is a logical thread of a schedule that runs. */
bool sched_inside(void);
int sched_current(void);         /* its number; -1 at home */
unsigned long sched_ident(void); /* its ident; the real thread's at home */

/* A switch point. False: the thread is being unwound, an exception is set. */
bool sched_point(struct code_info *info, int offset);
/* A trace function saw a function being entered (points_gil.c says why that matters). */
void sched_traced_entry(PyFrameObject *frame);
bool sched_take_entry(PyFrameObject *frame); /* whether it was that one, and no point was there since */
/* Whether switch points need to be told of at all, until something changes (then `arm` is called). */
bool sched_wants_points(void);

enum sched_wake { SCHED_WOKEN, SCHED_TIMED_OUT, SCHED_UNWIND /* an exception is set */ };
/* Waits for sched_wake_up(), or until the deadline (virtual nanoseconds). `what`: "lock", "sleep"; static. */
enum sched_wake sched_wait(const char *what, uint64_t deadline);
void sched_wake_up(int index);

/* Starts a thread, which calls run(arg), or drop(arg) where it never gets to run. -1: there are too many; an exception
 * is set. */
int sched_spawn(const char *name, bool daemon, void (*run)(void *arg), void (*drop)(void *arg), void *arg);
unsigned long sched_ident_of(int index);
bool sched_unwinding(void); /* of the current thread */
/* At a poll that is no switch point. False: the thread is being unwound, an exception is set. */
bool sched_passed_by(void);
/* From any thread, without the GIL: count points even where nobody else could run, until the schedule is over. */
void sched_watch_closely(void);

uint64_t sched_now(void);                    /* virtual nanoseconds since the schedule began */
uint64_t sched_number(uint64_t bound);       /* flashflood.choose() */
void sched_touch(uint64_t cell, bool write); /* tells a strategy that reduces */
void sched_observing(bool on);               /* whether sched_touch() passes on */

/* ---- after a schedule, or at home ----------------------------------------------------------------------------------
 */

uint64_t sched_steps(void);
uint64_t sched_schedule_number(void);
int sched_thread_count(void);
const char *sched_thread_name(int index);
const char *sched_waits_for(int index); /* "lock", or NULL where it does not wait */
PyThreadState *sched_thread_state(int index);
PyThreadState *sched_running_state(void); /* NULL at home */
bool sched_is_actor(int index);
bool sched_has_ended(int index);
bool sched_is_daemon(int index);
size_t sched_abandoned(void); /* logical threads that would not be unwound, since the start */
size_t sched_outlived(void);  /* threads cut off because they went on long after the actors, since the start */

/* What happened, as a schedule: threads, first, numbers, switches. The other fields are the caller's to fill in. */
void sched_record(struct schedule *out);

/* The exception that unwinds. */
PyObject *sched_unwind_type(void);

#endif
