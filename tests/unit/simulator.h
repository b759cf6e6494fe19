/* Small programs of threads, run under a strategy as the worker runs real ones: a point before each operation, virtual
 * time, waits that end a step. What came of a run is a number: equal for runs that a program cannot tell apart. */
#ifndef FF_TESTS_SIMULATOR_H
#define FF_TESTS_SIMULATOR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strategy/strategy.h"

#define SIM_THREADS 4
#define SIM_OPS 32
#define SIM_VARIABLES 4

enum op_kind {
  OP_LOCAL,      /* touches nothing */
  OP_READ,       /* variable `arg` */
  OP_WRITE,      /* `value` into variable `arg` */
  OP_ADD,        /* `value` to variable `arg`, in one step */
  OP_SECRET,     /* the same, but told as STRATEGY_CELL_UNKNOWN */
  OP_LOCK,       /* lock `arg` */
  OP_LOCK_TIMED, /* the same with a deadline after `value`; whether it was got is part of the outcome */
  OP_UNLOCK,     /* lock `arg`, if it is held */
  OP_CHOOSE,     /* a number below `value` */
  OP_CHOOSE_ADD, /* the same; if it is 0, 1 is added to variable `arg`, which else is not touched */
  OP_SLEEP,      /* for `value` */
  OP_NOW,
  OP_YIELD,   /* the step ends as if it had to, and could still go on */
  OP_START,   /* thread `arg` */
  OP_FAIL_IF, /* the schedule ends at once if variable `arg` is `value` */
  OP_FAIL,    /* the schedule ends at once */
  OP_KINDS,
};

struct op {
  enum op_kind kind;
  int arg, value;
  bool joined; /* no point before it */
};

struct program {
  int threads;  /* that are there from the start */
  int reserves; /* that OP_START starts, after these */
  int count[SIM_THREADS];
  struct op ops[SIM_THREADS][SIM_OPS];
};

struct sim {
  const struct program *program;
  const struct strategy *strategy;
  void *state;
  int threads; /* so far */
  int body[SIM_THREADS], pc[SIM_THREADS], wants[SIM_THREADS];
  enum thread_state states[SIM_THREADS];
  int deadline[SIM_THREADS];
  uint64_t log[SIM_THREADS]; /* what each has seen, as a hash */
  int variable[SIM_VARIABLES], owner[SIM_VARIABLES], now;
  bool failed, yielded;
  uint64_t points; /* switch points */
  uint64_t calls;  /* of choose() */
};

#define SIM_REDUNDANT 0 /* no outcome */
#define CELL_CLOCK 1
#define CELL_START 2
#define CELL_VARIABLE(n) (100 + (uint64_t)(n))
#define CELL_LOCK(n) (200 + (uint64_t)(n))

static inline uint64_t sim_mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

static inline void sim_touch(struct sim *sim, uint64_t cell, bool write) {
  if (sim->strategy->touch && (!sim->strategy->wants_touch || sim->strategy->wants_touch(sim->state))) {
    sim->strategy->touch(sim->state, cell, write);
  }
}

static inline void sim_see(struct sim *sim, int thread, uint64_t value) {
  sim->log[thread] = sim_mix(sim->log[thread], value + 1);
}

/* The thread waits for a deadline, and for a lock if `wants` is one. */
static inline void sim_wait(struct sim *sim, int thread, int wants, int for_time) {
  sim_touch(sim, CELL_CLOCK, false);
  sim->states[thread] = THREAD_TIMED;
  sim->wants[thread] = wants;
  sim->deadline[thread] = sim->now + for_time;
}

static inline void sim_lock(struct sim *sim, int thread, const struct op *op) {
  sim_touch(sim, CELL_LOCK(op->arg), true);
  if (sim->owner[op->arg] < 0) {
    sim->owner[op->arg] = thread;
    sim->pc[thread]++;
    sim_see(sim, thread, 1);
  } else if (op->kind == OP_LOCK_TIMED) {
    sim_wait(sim, thread, op->arg, op->value);
  } else {
    sim->states[thread] = THREAD_BLOCKED;
    sim->wants[thread] = op->arg;
  }
}

static inline void sim_unlock(struct sim *sim, int thread, int lock) {
  sim->pc[thread]++;
  sim_touch(sim, CELL_LOCK(lock), true);
  if (sim->owner[lock] != thread) {
    return; /* its timed attempt failed */
  }
  sim->owner[lock] = -1;
  for (int i = 0; i < sim->threads; i++) {
    bool waits = sim->states[i] == THREAD_BLOCKED || sim->states[i] == THREAD_TIMED;
    if (waits && sim->wants[i] == lock) {
      sim->states[i] = THREAD_RUNNABLE;
    }
  }
}

static inline void sim_start(struct sim *sim, int body) {
  sim_touch(sim, CELL_START, true);
  sim->body[sim->threads] = body;
  sim->states[sim->threads] = sim->program->count[body] ? THREAD_RUNNABLE : THREAD_ENDED;
  sim->threads++;
}

static inline void sim_add(struct sim *sim, int variable, int value, uint64_t cell) {
  sim_touch(sim, cell, false);
  sim_touch(sim, cell, true);
  sim->variable[variable] = sim->variable[variable] * 3 + value; /* the order shows */
}

static inline void sim_data(struct sim *sim, int thread, const struct op *op) {
  sim->pc[thread]++;
  switch (op->kind) {
  case OP_READ:
    sim_touch(sim, CELL_VARIABLE(op->arg), false);
    sim_see(sim, thread, (uint64_t)sim->variable[op->arg]);
    break;
  case OP_FAIL_IF:
    sim_touch(sim, CELL_VARIABLE(op->arg), false);
    sim->failed = sim->variable[op->arg] == op->value;
    break;
  case OP_WRITE:
    sim_touch(sim, CELL_VARIABLE(op->arg), true);
    sim->variable[op->arg] = op->value;
    break;
  case OP_ADD:
    sim_add(sim, op->arg, op->value, CELL_VARIABLE(op->arg));
    break;
  default:
    sim_add(sim, op->arg, op->value, STRATEGY_CELL_UNKNOWN);
    break;
  }
}

static inline void sim_choose(struct sim *sim, int thread, const struct op *op) {
  sim->pc[thread]++;
  uint64_t number = sim->strategy->choose_number(sim->state, (uint64_t)op->value);
  assert_true(number < (uint64_t)op->value);
  sim_see(sim, thread, number);
  if (op->kind == OP_CHOOSE_ADD && number == 0) {
    sim_add(sim, op->arg, 1, CELL_VARIABLE(op->arg));
  }
}

static inline void sim_op(struct sim *sim, int thread, const struct op *op) {
  switch (op->kind) {
  case OP_LOCK:
  case OP_LOCK_TIMED:
    sim_lock(sim, thread, op);
    return;
  case OP_UNLOCK:
    sim_unlock(sim, thread, op->arg);
    return;
  case OP_CHOOSE:
  case OP_CHOOSE_ADD:
    sim_choose(sim, thread, op);
    return;
  case OP_SLEEP:
    sim_wait(sim, thread, -1, op->value);
    return;
  case OP_NOW:
    sim->pc[thread]++;
    sim_touch(sim, CELL_CLOCK, false);
    sim_see(sim, thread, (uint64_t)sim->now);
    return;
  case OP_START:
    sim->pc[thread]++;
    sim_start(sim, op->arg);
    return;
  case OP_YIELD:
  case OP_FAIL:
  case OP_LOCAL:
    sim->pc[thread]++;
    sim->failed = op->kind == OP_FAIL;
    sim->yielded = op->kind == OP_YIELD;
    return;
  default:
    sim_data(sim, thread, op);
  }
}

/* From one point to the next. */
static inline void sim_step(struct sim *sim, int thread) {
  const struct op *ops = sim->program->ops[sim->body[thread]];
  int count = sim->program->count[sim->body[thread]];
  bool began = false;
  if (sim->states[thread] == THREAD_TIMED) {
    sim_touch(sim, CELL_CLOCK, true);
    sim->now = sim->now > sim->deadline[thread] ? sim->now : sim->deadline[thread];
    if (sim->wants[thread] >= 0) {
      sim_touch(sim, CELL_LOCK(sim->wants[thread]), true);
      sim_see(sim, thread, 0);
    }
    sim->states[thread] = THREAD_RUNNABLE;
    sim->pc[thread]++;
    began = true;
  }
  while (sim->pc[thread] < count && sim->states[thread] == THREAD_RUNNABLE && !sim->failed && !sim->yielded) {
    const struct op *op = &ops[sim->pc[thread]];
    if (began && !op->joined) {
      return;
    }
    sim_op(sim, thread, op);
    began = true;
  }
  if (sim->pc[thread] == count) {
    sim->states[thread] = THREAD_ENDED;
  }
}

static inline int sim_next_timed(const struct sim *sim) {
  int next = -1;
  for (int i = 0; i < sim->threads; i++) {
    if (sim->states[i] == THREAD_TIMED && (next < 0 || sim->deadline[i] < sim->deadline[next])) {
      next = i;
    }
  }
  return next;
}

static inline bool sim_may_run(const struct sim *sim, int thread) {
  return thread >= 0 && thread < sim->threads &&
         (sim->states[thread] == THREAD_RUNNABLE || sim->states[thread] == THREAD_TIMED);
}

static inline uint64_t sim_outcome(const struct sim *sim, int running) {
  uint64_t hash = 17;
  if (sim->failed) {
    hash = sim_mix(sim_mix(sim_mix(99, (uint64_t)sim->body[running]), (uint64_t)sim->pc[running]), sim->log[running]);
    return hash | 1;
  }
  for (int i = 0; i < sim->threads; i++) {
    hash = sim_mix(sim_mix(hash, sim->log[i]), sim->states[i] == THREAD_ENDED);
  }
  for (int i = 0; i < SIM_VARIABLES; i++) {
    hash = sim_mix(hash, (uint64_t)sim->variable[i]);
  }
  return hash | 1;
}

static inline void sim_begin(struct sim *sim) {
  for (int i = 0; i < SIM_VARIABLES; i++) {
    sim->owner[i] = -1;
  }
  for (int i = 0; i < sim->program->threads; i++) {
    sim->body[i] = i;
    sim->states[i] = sim->program->count[i] ? THREAD_RUNNABLE : THREAD_ENDED;
    sim->threads++;
  }
}

/* Runs a schedule that was begun, and ends it. SIM_REDUNDANT if it was cut off. */
static inline uint64_t sim_run(struct sim *sim) {
  int running = -1;
  uint64_t left = 0, outcome = SIM_REDUNDANT + 1;
  sim_begin(sim);
  for (;;) {
    bool forced = running < 0 || sim->states[running] != THREAD_RUNNABLE || sim->yielded, somebody = false;
    for (int i = 0; i < sim->threads; i++) {
      somebody |= sim_may_run(sim, i);
    }
    if (!somebody || sim->failed) {
      outcome = sim_outcome(sim, running);
      break;
    }
    sim->points += !forced;
    if (forced || left == 0) {
      uint64_t place = forced ? 0 : (uint64_t)(sim->body[running] * 64 + sim->pc[running] + 1);
      struct strategy_point point = {running, forced, sim->threads, sim->states, sim_next_timed(sim), place};
      struct strategy_choice choice = sim->strategy->choose(sim->state, &point);
      sim->calls++;
      if (sim->strategy->is_redundant && sim->strategy->is_redundant(sim->state)) {
        outcome = SIM_REDUNDANT;
        break;
      }
      assert_true(sim_may_run(sim, choice.thread));
      running = choice.thread;
      left = choice.skip;
    } else if (left != STRATEGY_ALL_POINTS) {
      left--;
    }
    sim->yielded = false;
    sim_step(sim, running);
  }
  sim->strategy->end(sim->state, sim->failed, sim->points);
  return outcome;
}

/* The next schedule of a strategy. False: there is none left. */
static inline bool sim_schedule(const struct program *program, const struct strategy *strategy, void *state,
                                struct sim *sim, uint64_t *outcome) {
  if (!strategy->begin(state)) {
    return false;
  }
  *sim = (struct sim){.program = program, .strategy = strategy, .state = state};
  *outcome = sim_run(sim);
  return true;
}

/* A growing set of outcomes. */
struct outcomes {
  uint64_t *items;
  size_t count;
};

static inline void outcomes_add(struct outcomes *set, uint64_t outcome) {
  size_t low = 0, high = set->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (set->items[middle] < outcome) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < set->count && set->items[low] == outcome) {
    return;
  }
  if ((set->count & (set->count + 1)) == 0) {
    set->items = realloc(set->items, (set->count + 1) * 2 * sizeof *set->items);
  }
  memmove(set->items + low + 1, set->items + low, (set->count - low) * sizeof *set->items);
  set->items[low] = outcome;
  set->count++;
}

static inline bool outcomes_equal(const struct outcomes *a, const struct outcomes *b) {
  return a->count == b->count && (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof *a->items) == 0);
}

static inline void outcomes_free(struct outcomes *set) {
  free(set->items);
  *set = (struct outcomes){0};
}

#endif
