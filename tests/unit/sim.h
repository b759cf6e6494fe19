/* A program small enough to read, whose threads a strategy drives, and which writes down the schedule that it ran. */
#ifndef FF_TESTS_UNIT_SIM_H
#define FF_TESTS_UNIT_SIM_H

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "strategy/replay.h"
#include "strategy/schedule.h"
#include "strategy/strategy.h"

#define SIM_THREADS 4
#define SIM_OPS 64
#define SIM_CELLS 8
#define SIM_PLACES 32

enum sim_kind {
  SIM_END,    /* of the thread; the zero of the array */
  SIM_POINT,  /* a switch point at offset `arg` */
  SIM_READ,   /* local = cell `arg` */
  SIM_WRITE,  /* cell `arg` = local + 1 */
  SIM_LOCK,   /* waits until lock `arg` is free */
  SIM_UNLOCK, /* of lock `arg` */
  SIM_SLEEP,  /* waits with a deadline */
  SIM_SPAWN,  /* thread `arg` begins */
  SIM_CHOOSE, /* local = flashflood.choose(arg) */
  SIM_STORE,  /* cell `arg` = local */
  SIM_YIELD,  /* is made to stop although it could go on */
};

struct sim_op {
  enum sim_kind kind;
  int arg;
};

struct sim_program {
  int actors; /* threads 0 to actors - 1 are there from the start */
  const char *names[SIM_THREADS];
  struct sim_op ops[SIM_THREADS][SIM_OPS];
  bool (*failed)(const int *cells);
};

struct sim {
  const struct sim_program *program;
  const struct strategy *strategy;
  void *state;
  int threads; /* so far */
  enum thread_state states[SIM_THREADS];
  int at[SIM_THREADS];
  int local[SIM_THREADS];
  int waits_for[SIM_THREADS]; /* a lock, or -1 */
  bool held[SIM_CELLS];
  int cells[SIM_CELLS];
  uint32_t counts[SIM_PLACES]; /* of each place, since the switch before */
  uint64_t steps;
  uint64_t skip;
  struct schedule *actual;
};

static inline void sim_name(struct sim *sim, int thread) {
  if (strcmp(sim->strategy->name, "replay") == 0) {
    replay_name_thread(sim->state, thread, sim->program->names[thread]);
  }
  strlist_add(&sim->actual->threads, sim->program->names[thread]);
}

static inline void sim_record(struct sim *sim, int running, bool forced, int offset, int next) {
  struct schedule_switch *one = schedule_add(sim->actual);
  one->thread = mem_dup(sim->program->names[running]);
  one->next = mem_dup(sim->program->names[next]);
  one->how = !forced ? SWITCH_PREEMPTED : sim->states[running] == THREAD_ENDED ? SWITCH_ENDED : SWITCH_WAITS;
  if (!forced) {
    one->place = (struct schedule_place){mem_dup("sim.py"), mem_dup("f"), (uint32_t)offset + 10, (uint32_t)offset,
                                         mem_dup("CALL")};
    one->occurrence = sim->counts[offset];
  }
  memset(sim->counts, 0, sizeof sim->counts);
}

/* Who runs on from a point; -1 where nobody can. */
static inline int sim_choose(struct sim *sim, int running, bool forced, int offset) {
  struct strategy_point point = {
      .running = running, .forced = forced, .threads = sim->threads, .states = sim->states, .next_timed = -1};
  bool any = false;
  for (int i = sim->threads; i-- > 0;) {
    any = any || sim->states[i] == THREAD_RUNNABLE || sim->states[i] == THREAD_TIMED;
    point.next_timed = sim->states[i] == THREAD_TIMED ? i : point.next_timed;
  }
  if (!any) {
    return -1;
  }
  point.place = forced ? 0 : schedule_place_id("sim.py", "f", (uint32_t)offset, "CALL");
  struct strategy_choice choice = sim->strategy->choose(sim->state, &point);
  if (choice.thread < 0 || choice.thread >= sim->threads ||
      (sim->states[choice.thread] != THREAD_RUNNABLE && sim->states[choice.thread] != THREAD_TIMED)) {
    abort(); /* the strategy broke its promise */
  }
  if (running < 0) {
    sim->actual->first = mem_dup(sim->program->names[choice.thread]);
  } else if (forced || choice.thread != running) {
    sim_record(sim, running, forced, offset, choice.thread);
  }
  sim->states[choice.thread] = THREAD_RUNNABLE;
  sim->skip = choice.skip;
  return choice.thread;
}

static inline int sim_number(struct sim *sim, int bound) {
  uint64_t number = sim->strategy->choose_number(sim->state, (uint64_t)bound);
  struct schedule *actual = sim->actual;
  actual->numbers = mem_grow(actual->numbers, (actual->number_count + 1) * sizeof number);
  actual->numbers[actual->number_count++] = number;
  return (int)number;
}

static inline void sim_unlock(struct sim *sim, int lock) {
  sim->held[lock] = false;
  for (int i = 0; i < sim->threads; i++) {
    if (sim->states[i] == THREAD_BLOCKED && sim->waits_for[i] == lock) {
      sim->states[i] = THREAD_RUNNABLE; /* to try again */
    }
  }
}

/* Does one operation; true where control may move after it. */
static inline bool sim_operate(struct sim *sim, int thread, struct sim_op op, bool *forced) {
  int *at = &sim->at[thread];
  *forced = op.kind != SIM_POINT;
  ++*at;
  switch (op.kind) {
  case SIM_READ:
    sim->local[thread] = sim->cells[op.arg];
    return false;
  case SIM_WRITE:
    sim->cells[op.arg] = sim->local[thread] + 1;
    return false;
  case SIM_STORE:
    sim->cells[op.arg] = sim->local[thread];
    return false;
  case SIM_CHOOSE:
    sim->local[thread] = sim_number(sim, op.arg);
    return false;
  case SIM_UNLOCK:
    sim_unlock(sim, op.arg);
    return false;
  case SIM_SPAWN:
    sim_name(sim, op.arg);
    sim->threads = op.arg + 1;
    return false;
  case SIM_LOCK:
    if (!sim->held[op.arg]) {
      sim->held[op.arg] = true;
      return false;
    }
    --*at;
    sim->waits_for[thread] = op.arg;
    sim->states[thread] = THREAD_BLOCKED;
    return true;
  case SIM_SLEEP:
    sim->states[thread] = THREAD_TIMED;
    return true;
  case SIM_END:
    sim->states[thread] = THREAD_ENDED;
    return true;
  case SIM_POINT:
    sim->counts[op.arg]++;
    sim->steps++;
    return sim->skip == 0 || (sim->skip != STRATEGY_ALL_POINTS && sim->skip-- == 0);
  case SIM_YIELD:
    return true;
  }
  return false;
}

/* One schedule. `actual` is filled in; the caller's to free. True: the program failed (a deadlock is a failure). */
static inline bool sim_run(const struct sim_program *program, const struct strategy *strategy, void *state,
                           struct schedule *actual, uint64_t *steps) {
  struct sim sim = {.program = program, .strategy = strategy, .state = state, .actual = actual};
  *actual = (struct schedule){.thread_count = (uint64_t)program->actors};
  if (!strategy->begin(state)) {
    abort();
  }
  for (sim.threads = 0; sim.threads < program->actors; sim.threads++) {
    sim_name(&sim, sim.threads);
  }
  int running = sim_choose(&sim, -1, true, 0);
  while (running >= 0) {
    struct sim_op op = program->ops[running][sim.at[running]];
    bool forced;
    if (sim_operate(&sim, running, op, &forced)) {
      running = sim_choose(&sim, running, forced, op.arg);
    }
  }
  bool failed = program->failed && program->failed(sim.cells);
  for (int i = 0; i < sim.threads; i++) {
    failed = failed || sim.states[i] != THREAD_ENDED;
  }
  strategy->end(state, failed, sim.steps);
  *steps = sim.steps;
  return failed;
}

/* Replays `schedule`. */
static inline bool sim_replay(const struct sim_program *program, const struct schedule *schedule, bool lenient,
                              struct schedule *actual, uint64_t *steps, struct replay_status *status) {
  const struct strategy *strategy = strategies_find("replay");
  struct strategy_options options = {.schedule = schedule};
  void *state = strategy->open(&options);
  replay_set_lenient(state, lenient);
  bool failed = sim_run(program, strategy, state, actual, steps);
  replay_status(state, status);
  strategy->close(state);
  return failed;
}

/* Random choices, by a seed. */
struct sim_random {
  uint64_t state;
};

static inline uint64_t sim_draw(struct sim_random *sim_random, uint64_t bound) {
  sim_random->state = sim_random->state * 6364136223846793005u + 1442695040888963407u;
  return (sim_random->state >> 33) % bound;
}

static inline bool sim_random_begin(void *state) { return state != NULL; }

static inline struct strategy_choice sim_random_choose(void *state, const struct strategy_point *point) {
  for (;;) {
    int thread = (int)sim_draw(state, (uint64_t)point->threads);
    if (point->states[thread] == THREAD_RUNNABLE || point->states[thread] == THREAD_TIMED) {
      return (struct strategy_choice){.thread = thread};
    }
  }
}

static inline uint64_t sim_random_number(void *state, uint64_t bound) { return sim_draw(state, bound); }

static inline void sim_random_end(void *state, bool failed, uint64_t steps) {
  (void)state;
  (void)failed;
  (void)steps;
}

static inline bool sim_run_random(const struct sim_program *program, uint64_t seed, struct schedule *actual,
                                  uint64_t *steps) {
  static const struct strategy strategy = {
      .name = "sim-random",
      .begin = sim_random_begin,
      .choose = sim_random_choose,
      .choose_number = sim_random_number,
      .end = sim_random_end,
  };
  struct sim_random state = {.state = seed * 2654435761u + 1};
  return sim_run(program, &strategy, &state, actual, steps);
}

#endif
