#include "python/python.h"

#include "python/sched.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "python/fleet.h"
#include "python/line_trace.h"
#include "python/opcode_events.h"
#include "python/sched_log.h"

enum { MOST = STRATEGY_MOST_THREADS, UNWIND_RAISES = 1000, OUTLIVE_POINTS = 10000, PASSED_BY_MOST = 20 };

struct logical {
  char name[SCHED_NAME_SIZE];
  struct vehicle *vehicle;
  uint64_t deadline;
  const char *waits;
  PyObject *waits_for; /* borrowed: the waiter's frame holds it */
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

static struct sched {
  struct sched_setup setup;
  struct vehicle *home;
  struct logical threads[MOST];
  enum thread_state states[MOST];
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
} sched = {.running = -1};

static PyObject *unwind_type;

/* ---- who could run -------------------------------------------------------------------------------------------------
 */

/* When all actors have ended, what they started goes on until it ends or waits; a daemon is not waited for. */
static enum thread_state state_shown(int i) {
  bool left_alone = sched.actors_left == 0 && sched.threads[i].daemon && sched.states[i] == THREAD_TIMED;
  return left_alone ? THREAD_BLOCKED : sched.states[i];
}

static bool is_choosable(int i) {
  enum thread_state state = state_shown(i);
  return state == THREAD_RUNNABLE || state == THREAD_TIMED;
}

static void recount(void) {
  int others = 0;
  for (int i = 0; i < sched.count; i++) {
    others += i != sched.running && is_choosable(i);
  }
  bool more = others > sched.others;
  sched.others = others;
  if (more && sched_wants_points()) {
    sched.setup.arm();
  }
}

static void set_state(int i, enum thread_state state) {
  sched.states[i] = state;
  recount();
}

bool sched_wants_points(void) {
  if (!sched.active || sched.running < 0) {
    return false;
  }
  return sched.threads[sched.running].unwinding || __atomic_load_n(&sched.watched, __ATOMIC_RELAXED) ||
         ((sched.others > 0 || sched.fine) && sched.skip != STRATEGY_ALL_POINTS);
}

static int next_timed(const enum thread_state *shown) {
  int next = -1;
  for (int i = 0; i < sched.count; i++) {
    if (shown[i] == THREAD_TIMED && (next < 0 || sched.threads[i].deadline < sched.threads[next].deadline)) {
      next = i;
    }
  }
  return next;
}

static struct strategy_choice ask(bool forced, uint64_t place) {
  enum thread_state shown[MOST];
  for (int i = 0; i < sched.count; i++) {
    shown[i] = state_shown(i);
  }
  struct strategy_point point = {.running = sched.running,
                                 .forced = forced,
                                 .threads = sched.count,
                                 .states = shown,
                                 .next_timed = next_timed(shown),
                                 .place = place};
  return sched.setup.strategy->choose(sched.setup.strategy_state, &point);
}

/* ---- handing over --------------------------------------------------------------------------------------------------
 */

static struct vehicle *vehicle_of(int index) { return index < 0 ? sched.home : sched.threads[index].vehicle; }

/* Time passes to the deadline of a thread that was chosen while it waited. Others whose time has come with it stay as
 * they are: each wakes when it is chosen, and says so to a strategy that reduces. */
static void let_time_pass(int index) {
  struct logical *chosen = &sched.threads[index];
  chosen->timed_out = true;
  if (chosen->deadline > sched.clock) {
    sched.clock = chosen->deadline;
  }
  sched.states[index] = THREAD_RUNNABLE;
}

/* Lets `to` run; returns when the caller, thread `from`, is handed control again. */
static void transfer(int from, int to) {
  bool timed = to >= 0 && sched.states[to] == THREAD_TIMED;
  if (timed) {
    let_time_pass(to);
  }
  sched.running = to;
  if (to >= 0) {
    sched.threads[to].row = 0;
    log_resumed(to);
  }
  recount();
  if (timed) {
    sched_touch(SCHED_CELL_CLOCK, true);
  }
  if (sched_wants_points()) {
    sched.setup.arm();
  }
  if (from != to) {
    fleet_hand_over(vehicle_of(from), vehicle_of(to));
  }
}

static bool raise_unwind(struct logical *self) {
  if (self->raises++ == UNWIND_RAISES) {
    sched.abandoned++;
  }
  PyErr_SetNone(sched_unwind_type());
  return false;
}

static void go_home(int from, enum sched_end end) {
  sched.end = end;
  transfer(from, -1);
}

/* The running thread cannot go on: somebody else runs, or the schedule is over. */
static void forced_switch(enum switch_how how) {
  int self = sched.running;
  bool any = false, timed_only = true;
  for (int i = 0; i < sched.count; i++) {
    any |= is_choosable(i);
    timed_only &= state_shown(i) != THREAD_RUNNABLE;
  }
  if (!any) {
    go_home(self, sched.actors_left ? SCHED_DEADLOCK : SCHED_DONE);
    return;
  }
  sched.steps += timed_only; /* so that threads that only sleep come to an end too */
  if (sched.steps > sched.setup.step_limit) {
    go_home(self, SCHED_HANG);
    return;
  }
  struct strategy_choice choice = ask(true, 0);
  if (sched.setup.strategy->is_redundant && sched.setup.strategy->is_redundant(sched.setup.strategy_state)) {
    go_home(self, SCHED_CUT);
    return;
  }
  log_switch(self, how, NULL, 0, choice.thread);
  sched.skip = choice.skip;
  transfer(self, choice.thread);
}

/* ---- what logical threads call -------------------------------------------------------------------------------------
 */

bool sched_inside(void) { return sched.active && sched.running >= 0; }
int sched_current(void) { return sched.running; }
unsigned long sched_ident_of(int index) { return 1000UL + (unsigned long)index; }
unsigned long sched_ident(void) { return sched_inside() ? sched_ident_of(sched.running) : PyThread_get_thread_ident(); }
uint64_t sched_now(void) { return sched.clock; }
bool sched_unwinding(void) { return sched_inside() && sched.threads[sched.running].unwinding; }
void sched_observing(bool on) { sched.observing = on; }

void sched_touch(uint64_t cell, bool write) {
  if (sched.observing && sched_inside() && !sched.threads[sched.running].unwinding) {
    sched.setup.strategy->touch(sched.setup.strategy_state, cell, write);
  }
}

uint64_t sched_number(uint64_t bound) {
  if (!sched.setup.strategy || !sched.setup.strategy->choose_number) {
    return 0;
  }
  uint64_t number = sched.setup.strategy->choose_number(sched.setup.strategy_state, bound);
  log_number(number);
  return number;
}

/* A thread that went on too long: alone after the actors, or in a schedule that does not end. */
static bool cut_off(struct logical *self) {
  if (sched.steps > sched.setup.step_limit) {
    go_home(sched.running, SCHED_HANG);
    return true;
  }
  if (sched.actors_left == 0 && ++sched.after_actors > OUTLIVE_POINTS) {
    sched.outlived++;
    go_home(sched.running, SCHED_DONE);
    return true;
  }
  (void)self;
  return false;
}

bool sched_passed_by(void) {
  struct logical *self = &sched.threads[sched.running];
  if (self->unwinding) {
    return ++self->row % UNWIND_RAISES != 0 || raise_unwind(self);
  }
  if (++sched.passed_by > PASSED_BY_MOST * sched.setup.step_limit) {
    go_home(sched.running, SCHED_HANG);
    return raise_unwind(self);
  }
  return true;
}

void sched_watch_closely(void) {
  if (__atomic_load_n(&sched.active, __ATOMIC_RELAXED)) {
    __atomic_store_n(&sched.watched, true, __ATOMIC_RELAXED);
    sched.setup.arm();
  }
}

bool sched_point(struct code_info *info, int offset) {
  struct logical *self = &sched.threads[sched.running];
  if (self->unwinding) {
    return ++self->row % UNWIND_RAISES != 0 || raise_unwind(self);
  }
  sched.steps++;
  self->row++;
  if ((sched.steps > sched.setup.step_limit || sched.actors_left == 0) && cut_off(self)) {
    return raise_unwind(self);
  }
  if (self->row > SCHED_ROW_LIMIT && sched.others > 0) {
    forced_switch(SWITCH_WAITS);
    return !self->unwinding || raise_unwind(self);
  }
  line_trace_point(info, offset);
  uint64_t place = code_map_place(info, offset);
  if (sched.others > 0) {
    log_passed(sched.running, place);
  }
  if (sched.skip > 0) {
    sched.skip--;
    return true;
  }
  if (sched.others == 0 && !sched.fine) {
    return true;
  }
  struct strategy_choice choice = ask(false, place);
  if (sched.setup.strategy->is_redundant && sched.setup.strategy->is_redundant(sched.setup.strategy_state)) {
    go_home(sched.running, SCHED_CUT);
    return raise_unwind(self);
  }
  sched.skip = choice.skip;
  if (choice.thread != sched.running) {
    log_switch(sched.running, SWITCH_PREEMPTED, info, offset, choice.thread);
    line_trace_switched();
    transfer(sched.running, choice.thread);
  }
  return !self->unwinding || raise_unwind(self);
}

bool sched_take_entry(PyFrameObject *frame) {
  bool entered = sched.entered == frame;
  sched.entered = NULL;
  return entered;
}

void sched_traced_entry(PyFrameObject *frame) {
  if (sched_wants_points()) {
    sched.entered = frame;
    sched.setup.arm();
  }
}

enum sched_wake sched_wait(const char *what, PyObject *object, uint64_t deadline) {
  int index = sched.running;
  struct logical *self = &sched.threads[index];
  if (self->unwinding) {
    raise_unwind(self);
    return SCHED_UNWIND;
  }
  self->waits = what;
  self->waits_for = object;
  self->deadline = deadline;
  self->timed_out = false;
  set_state(index, deadline == SCHED_NO_DEADLINE ? THREAD_BLOCKED : THREAD_TIMED);
  forced_switch(SWITCH_WAITS);
  self->waits = NULL;
  self->waits_for = NULL;
  if (self->unwinding) {
    raise_unwind(self);
    return SCHED_UNWIND;
  }
  return self->timed_out ? SCHED_TIMED_OUT : SCHED_WOKEN;
}

void sched_wake_up(int index) {
  if (sched.states[index] == THREAD_BLOCKED || sched.states[index] == THREAD_TIMED) {
    set_state(index, THREAD_RUNNABLE);
  }
}

/* ---- a logical thread's life ---------------------------------------------------------------------------------------
 */

/* fleet.h: called each time that the vehicle is handed control anew. */
static void serve(int index) {
  struct logical *self = &sched.threads[index];
  self->started = true;
  if (sched.setup.thread_ready) {
    sched.setup.thread_ready();
  }
  line_trace_thread();
  opcode_events_thread();
  sched_touch(SCHED_CELL_THREADS + (uint64_t)index, true);
  self->run(self->arg);
  sched_touch(SCHED_CELL_THREADS + (uint64_t)index, true);
  sched.actors_left -= self->actor;
  self->waits = NULL;
  if (self->unwinding) {
    sched.states[index] = THREAD_ENDED;
    transfer(index, -1);
    return;
  }
  set_state(index, THREAD_ENDED);
  forced_switch(SWITCH_ENDED);
}

static bool add_thread(const char *name, void (*run)(void *arg), void *arg) {
  int index = sched.count;
  struct vehicle *vehicle = fleet_vehicle(sched.setup.carrier, index, sched_ident_of(index), serve, sched.err);
  if (!vehicle) {
    sched.failed = true;
    return false;
  }
  struct logical *self = &sched.threads[index];
  *self = (struct logical){.vehicle = vehicle, .run = run, .arg = arg};
  int twins = 0;
  for (int i = 0; i < index; i++) {
    twins += strncmp(sched.threads[i].name, name, strcspn(sched.threads[i].name, "#")) == 0 && strlen(name) > 0 &&
             strcspn(sched.threads[i].name, "#") == strlen(name);
  }
  snprintf(self->name, sizeof self->name, twins ? "%.80s#%d" : "%.80s", name, twins + 1);
  sched.states[index] = THREAD_RUNNABLE;
  sched.count++;
  log_thread(index);
  if (sched.setup.named) {
    sched.setup.named(sched.setup.named_arg, index, self->name);
  }
  return true;
}

int sched_spawn(const char *name, bool daemon, void (*run)(void *arg), void (*drop)(void *arg), void *arg) {
  if (sched.count == MOST || !add_thread(name, run, arg)) {
    PyErr_Format(PyExc_RuntimeError, "can't start new thread: explore carries at most %d in a schedule", MOST);
    return -1;
  }
  int index = sched.count - 1;
  sched.threads[index].daemon = daemon;
  sched.threads[index].drop = drop;
  sched_touch(SCHED_CELL_THREADS + (uint64_t)index, true);
  recount();
  return index;
}

/* ---- a schedule ----------------------------------------------------------------------------------------------------
 */

/* What is still alive is ended by an exception where it is parked; what never ran does not begin. */
static void unwind_all(void) {
  for (int i = 0; i < sched.count; i++) {
    struct logical *self = &sched.threads[i];
    if (sched.states[i] == THREAD_ENDED) {
      continue;
    }
    self->unwinding = true;
    if (self->started) {
      transfer(-1, i);
    } else {
      sched.states[i] = THREAD_ENDED;
      if (self->drop) {
        self->drop(self->arg);
      }
    }
  }
}

void sched_prepare(const struct strategy *strategy, void *strategy_state) {
  sched.setup.strategy = strategy;
  sched.setup.strategy_state = strategy_state;
  log_clear();
}

static void reset(const struct sched_setup *setup, size_t actors, struct err *err) {
  sched.setup = *setup;
  sched.count = 0;
  sched.running = -1;
  sched.actors_left = (int)actors;
  sched.others = 0;
  sched.failed = false;
  sched.end = SCHED_DONE;
  sched.skip = 0;
  sched.clock = 0;
  sched.steps = 0;
  sched.passed_by = 0;
  __atomic_store_n(&sched.watched, sched.hung, __ATOMIC_RELAXED);
  sched.after_actors = 0;
  sched.fine = setup->strategy->touch != NULL;
  sched.err = err;
  sched.number++;
}

bool sched_run(const struct sched_setup *setup, const struct sched_body *actors, size_t count, enum sched_end *end,
               struct err *err) {
  reset(setup, count, err);
  sched.home = fleet_home(setup->carrier, err);
  for (size_t i = 0; sched.home && !sched.failed && i < count; i++) {
    if (add_thread(actors[i].name, actors[i].run, actors[i].arg)) {
      sched.threads[i].actor = true;
    }
  }
  if (!sched.home || sched.failed) {
    return false;
  }
  sched.active = true;
  struct strategy_choice choice = ask(true, 0);
  log_first(choice.thread);
  sched.skip = choice.skip;
  transfer(-1, choice.thread);
  if ((sched.end == SCHED_DEADLOCK || sched.end == SCHED_HANG) && setup->stuck) {
    setup->stuck(setup->arg, sched.end);
  }
  *end = sched.end;
  sched.hung |= sched.end == SCHED_HANG;
  unwind_all();
  sched.active = false;
  return !sched.failed;
}

/* ---- questions -----------------------------------------------------------------------------------------------------
 */

uint64_t sched_steps(void) { return sched.steps; }
uint64_t sched_schedule_number(void) { return sched.number; }
int sched_thread_count(void) { return sched.count; }
const char *sched_thread_name(int index) { return sched.threads[index].name; }
const char *sched_waits_for(int index) { return sched.threads[index].waits; }
PyThreadState *sched_thread_state(int index) { return sched.threads[index].vehicle->tstate; }
PyThreadState *sched_running_state(void) {
  return sched.running >= 0 ? sched.threads[sched.running].vehicle->tstate : NULL;
}
bool sched_is_actor(int index) { return sched.threads[index].actor; }
bool sched_has_ended(int index) { return sched.states[index] == THREAD_ENDED; }
bool sched_is_daemon(int index) { return sched.threads[index].daemon; }
size_t sched_abandoned(void) { return sched.abandoned; }
size_t sched_outlived(void) { return sched.outlived; }

PyObject *sched_unwind_type(void) {
  if (!unwind_type) {
    unwind_type = PyErr_NewExceptionWithDoc("flashflood.Unwind",
                                            "Ends a logical thread that is still alive when its schedule is over.",
                                            PyExc_BaseException, NULL);
  }
  return unwind_type;
}
