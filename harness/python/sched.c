#include "python/python.h"

#include "python/line_trace.h"
#include "python/sched_log.h"
#include "python/sched_state.h"

enum { UNWIND_RAISES = 1000, OUTLIVE_POINTS = 10000, PASSED_BY_MOST = 20 };

struct sched sched = {.running = -1};

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

static void count_others(void) {
  sched.others = 0;
  for (int i = 0; i < sched.count; i++) {
    sched.others += i != sched.running && is_choosable(i);
  }
}

static void arm_if_wanted(void) {
  if (sched_wants_points()) {
    sched.setup.arm();
  }
}

void sched_recount(void) {
  int before = sched.others;
  count_others();
  if (sched.others > before) {
    arm_if_wanted();
  }
}

void sched_set_state(int i, enum thread_state state) {
  sched.states[i] = state;
  sched_recount();
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

struct strategy_choice sched_ask(bool forced, uint64_t place) {
  enum thread_state shown[STRATEGY_MOST_THREADS];
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

static bool rest_is_redundant(void) {
  const struct strategy *strategy = sched.setup.strategy;
  return strategy->is_redundant && strategy->is_redundant(sched.setup.strategy_state);
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

void sched_transfer(int from, int to) {
  bool timed = to >= 0 && sched.states[to] == THREAD_TIMED;
  if (timed) {
    let_time_pass(to);
  }
  sched.running = to;
  if (to >= 0) {
    sched.threads[to].row = 0;
    log_resumed(to);
  }
  count_others();
  if (timed) {
    sched_touch(SCHED_CELL_CLOCK, true);
  }
  arm_if_wanted();
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

/* At a poll while it is unwound: whoever swallows the exception gets it again, now and then. */
static bool unwind_on(struct logical *self) { return ++self->row % UNWIND_RAISES != 0 || raise_unwind(self); }

static void go_home(int from, enum sched_end end) {
  sched.end = end;
  sched_transfer(from, -1);
}

void sched_force_switch(enum switch_how how) {
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
  struct strategy_choice choice = sched_ask(true, 0);
  if (rest_is_redundant()) {
    go_home(self, SCHED_CUT);
    return;
  }
  log_switch(self, how, NULL, 0, choice.thread);
  sched.skip = choice.skip;
  sched_transfer(self, choice.thread);
}

/* ---- what logical threads call -------------------------------------------------------------------------------------
 */

bool sched_inside(void) { return sched.active && sched.running >= 0; }

void sched_touch(uint64_t cell, bool write) {
  if (sched.observing && sched_inside() && !sched.threads[sched.running].unwinding) {
    sched.setup.strategy->touch(sched.setup.strategy_state, cell, write);
  }
}

/* A thread that went on too long: alone after the actors, or in a schedule that does not end. */
static bool cut_off(void) {
  if (sched.steps > sched.setup.step_limit) {
    go_home(sched.running, SCHED_HANG);
    return true;
  }
  if (sched.actors_left == 0 && ++sched.after_actors > OUTLIVE_POINTS) {
    sched.outlived++;
    go_home(sched.running, SCHED_DONE);
    return true;
  }
  return false;
}

bool sched_passed_by(void) {
  struct logical *self = &sched.threads[sched.running];
  if (self->unwinding) {
    return unwind_on(self);
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
    return unwind_on(self);
  }
  sched.steps++;
  self->row++;
  if ((sched.steps > sched.setup.step_limit || sched.actors_left == 0) && cut_off()) {
    return raise_unwind(self);
  }
  if (self->row > SCHED_ROW_LIMIT && sched.others > 0) {
    sched_force_switch(SWITCH_WAITS);
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
  struct strategy_choice choice = sched_ask(false, place);
  if (rest_is_redundant()) {
    go_home(sched.running, SCHED_CUT);
    return raise_unwind(self);
  }
  sched.skip = choice.skip;
  if (choice.thread != sched.running) {
    log_switch(sched.running, SWITCH_PREEMPTED, info, offset, choice.thread);
    line_trace_switched();
    sched_transfer(sched.running, choice.thread);
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

enum sched_wake sched_wait(const char *what, uint64_t deadline) {
  int index = sched.running;
  struct logical *self = &sched.threads[index];
  if (self->unwinding) {
    raise_unwind(self);
    return SCHED_UNWIND;
  }
  self->waits = what;
  self->deadline = deadline;
  self->timed_out = false;
  sched_set_state(index, deadline == SCHED_NO_DEADLINE ? THREAD_BLOCKED : THREAD_TIMED);
  sched_force_switch(SWITCH_WAITS);
  self->waits = NULL;
  if (self->unwinding) {
    raise_unwind(self);
    return SCHED_UNWIND;
  }
  return self->timed_out ? SCHED_TIMED_OUT : SCHED_WOKEN;
}

void sched_wake_up(int index) {
  if (sched.states[index] == THREAD_BLOCKED || sched.states[index] == THREAD_TIMED) {
    sched_set_state(index, THREAD_RUNNABLE);
  }
}
