/* A logical thread's life, and a schedule from its beginning to its end. */
#include "python/python.h"

#include <stdio.h>
#include <string.h>

#include "python/line_trace.h"
#include "python/opcode_events.h"
#include "python/sched_log.h"
#include "python/sched_state.h"

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
    sched_transfer(index, -1);
    return;
  }
  sched_set_state(index, THREAD_ENDED);
  sched_force_switch(SWITCH_ENDED);
}

/* By what it runs; the second and later ones of that name get a number. */
static void name_thread(int index, const char *name) {
  size_t len = strnlen(name, SCHED_NAME_SIZE - 16);
  int twins = 0;
  for (int i = 0; i < index; i++) {
    const char *other = sched.threads[i].name;
    twins += strncmp(other, name, len) == 0 && (other[len] == '\0' || other[len] == '#');
  }
  char *to = sched.threads[index].name;
  memcpy(to, name, len);
  to[len] = '\0';
  if (twins) {
    snprintf(to + len, 16, "#%d", twins + 1);
  }
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
  name_thread(index, name);
  sched.states[index] = THREAD_RUNNABLE;
  sched.count++;
  log_thread(index);
  if (sched.setup.named) {
    sched.setup.named(sched.setup.named_arg, index, self->name);
  }
  return true;
}

int sched_spawn(const char *name, bool daemon, void (*run)(void *arg), void (*drop)(void *arg), void *arg) {
  if (sched.count == STRATEGY_MOST_THREADS || !add_thread(name, run, arg)) {
    PyErr_Format(PyExc_RuntimeError, "can't start new thread: explore carries at most %d in a schedule",
                 STRATEGY_MOST_THREADS);
    return -1;
  }
  int index = sched.count - 1;
  sched.threads[index].daemon = daemon;
  sched.threads[index].drop = drop;
  sched_touch(SCHED_CELL_THREADS + (uint64_t)index, true);
  sched_recount();
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
      sched_transfer(-1, i);
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
  struct strategy_choice choice = sched_ask(true, 0);
  log_first(choice.thread);
  sched.skip = choice.skip;
  sched_transfer(-1, choice.thread);
  if ((sched.end == SCHED_DEADLOCK || sched.end == SCHED_HANG) && setup->stuck) {
    setup->stuck(setup->arg, sched.end);
  }
  *end = sched.end;
  sched.hung |= sched.end == SCHED_HANG;
  unwind_all();
  sched.active = false;
  return !sched.failed;
}
