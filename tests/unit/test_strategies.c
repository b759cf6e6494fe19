/* The strategies that draw, and auto. */
#include "simulator.h"

static const char *const DRAWN[] = {"random", "pct", "auto"};

static struct program mixed(void) {
  struct program program = {.threads = 3};
  static const struct op OPS[3][5] = {
      {{.kind = OP_START, .arg = 3}, {.kind = OP_LOCK}, {.kind = OP_ADD, .value = 1}, {.kind = OP_UNLOCK}},
      {{.kind = OP_SLEEP, .value = 2}, {.kind = OP_LOCK}, {.kind = OP_NOW}, {.kind = OP_UNLOCK}, {.kind = OP_YIELD}},
      {{.kind = OP_LOCK_TIMED, .value = 1}, {.kind = OP_CHOOSE, .value = 3}, {.kind = OP_UNLOCK}},
  };
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < (int[]){4, 5, 3}[i]; j++) {
      program.ops[i][program.count[i]++] = OPS[i][j];
    }
  }
  program.ops[3][program.count[3]++] = (struct op){.kind = OP_READ};
  program.reserves = 1;
  return program;
}

/* The outcomes of the first schedules, as one number; the simulator holds that only who can run is chosen. */
static uint64_t drawn(const char *name, uint64_t seed, int schedules, struct outcomes *set) {
  struct program program = mixed();
  struct strategy_options options = {.seed = seed};
  const struct strategy *strategy = strategies_find(name);
  void *state = strategy->open(&options);
  struct sim sim;
  uint64_t hash = 1, outcome;
  for (int i = 0; i < schedules && sim_schedule(&program, strategy, state, &sim, &outcome); i++) {
    hash = sim_mix(hash, outcome);
    outcomes_add(set, outcome);
  }
  strategy->close(state);
  return hash;
}

static void the_same_seed_draws_the_same(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    struct outcomes set = {0};
    assert_int_equal(drawn(DRAWN[i], 7, 2000, &set), drawn(DRAWN[i], 7, 2000, &set));
    outcomes_free(&set);
  }
  struct outcomes set = {0};
  assert_int_not_equal(drawn("random", 7, 100, &set), drawn("random", 8, 100, &set));
  assert_int_not_equal(drawn("pct", 7, 100, &set), drawn("pct", 8, 100, &set));
  outcomes_free(&set);
}

/* What can come of the program comes of it, sleepers that meet the others included. */
static void nothing_is_out_of_reach_of_a_random_walk(void **state) {
  (void)state;
  struct program program = mixed();
  struct strategy_options options = {.preemptions = STRATEGY_NO_BOUND, .preemptions_given = true};
  const struct strategy *exhaustive = strategies_find("exhaustive");
  void *search = exhaustive->open(&options);
  struct outcomes all = {0}, walked = {0};
  struct sim sim;
  uint64_t outcome;
  while (sim_schedule(&program, exhaustive, search, &sim, &outcome)) {
    if (outcome != SIM_REDUNDANT) {
      outcomes_add(&all, outcome);
    }
  }
  exhaustive->close(search);
  drawn("random", 1, 200000, &walked);
  print_message("%zu outcomes, %zu by a random walk\n", all.count, walked.count);
  assert_true(outcomes_equal(&all, &walked));
  outcomes_free(&all);
  outcomes_free(&walked);
}

static void most_points_cost_a_random_walk_nothing(void **state) {
  (void)state;
  struct program program = {.threads = 2};
  for (int i = 0; i < 60; i++) {
    program.ops[i % 2][program.count[i % 2]++] = (struct op){.kind = OP_LOCAL};
  }
  const struct strategy *strategy = strategies_find("random");
  void *walk = strategy->open(&(struct strategy_options){.seed = 3});
  struct sim sim;
  uint64_t outcome, calls = 0, points = 0;
  for (int i = 0; i < 1000; i++) {
    assert_true(sim_schedule(&program, strategy, walk, &sim, &outcome));
    calls += sim.calls, points += sim.points;
  }
  struct strategy_claim claim;
  strategy->claim(walk, &claim);
  assert_string_equal(claim.text, "1,000 random schedules were run");
  assert_true(calls * 4 < points);
  strategy->close(walk);
}

/* Depth 2: thread 1 has to come between two steps of thread 0. A bug of that depth in a program of n threads and k
 * steps is found by a schedule with probability 1 / (n * k) at least. */
static void pct_finds_at_the_rate_that_it_states(void **state) {
  (void)state;
  struct program program = {.threads = 2};
  for (int i = 0; i < 20; i++) {
    program.ops[0][program.count[0]++] = (struct op){.kind = OP_LOCAL};
    program.ops[1][program.count[1]++] = (struct op){.kind = OP_LOCAL};
  }
  program.ops[0][9] = (struct op){.kind = OP_WRITE, .value = 1};
  program.ops[0][10] = (struct op){.kind = OP_WRITE, .value = 2};
  program.ops[1][10] = (struct op){.kind = OP_FAIL_IF, .value = 1};
  const struct strategy *strategy = strategies_find("pct");
  void *pct = strategy->open(&(struct strategy_options){.seed = 5, .depth = 2});
  struct sim sim;
  uint64_t outcome;
  int found = 0, schedules = 20000;
  for (int i = 0; i < schedules; i++) {
    assert_true(sim_schedule(&program, strategy, pct, &sim, &outcome));
    found += sim.failed;
  }
  struct strategy_claim claim;
  strategy->claim(pct, &claim);
  print_message("found by 1 of %d: %s\n", schedules / found, claim.text);
  assert_true(found * 2 * 43 * 5 >= schedules * 4); /* k is 38 steps and some slack; four fifths: three sigma */
  assert_true(found < schedules / 20);              /* by the change point, and not by some other switch */
  assert_non_null(strstr(claim.text, "at most"));
  strategy->close(pct);
}

/* A thread that sleeps again and again, and one that spins, do not keep the third from its end. */
static void nobody_starves_under_pct(void **state) {
  (void)state;
  const struct strategy *strategy = strategies_find("pct");
  void *pct = strategy->open(&(struct strategy_options){.seed = 5});
  for (int schedule = 0; schedule < 200; schedule++) {
    assert_true(strategy->begin(pct));
    enum thread_state states[] = {THREAD_TIMED, THREAD_RUNNABLE, THREAD_RUNNABLE};
    int steps = 0, turns = 0, running = -1, spun = 0;
    for (; steps < 50 && turns < 5000; turns++) {
      bool forced = running <= 0 || spun == 100;
      spun = forced ? 0 : spun + 1;
      struct strategy_point point = {running, forced, 3, states, 0, forced ? 0 : (uint64_t)running};
      struct strategy_choice choice = strategy->choose(pct, &point);
      running = choice.thread; /* 0 waits at once again, 1 goes on for ever, 2 ends some time */
      steps += running == 2;
    }
    assert_int_equal(steps, 50);
    strategy->end(pct, false, (uint64_t)turns);
  }
  strategy->close(pct);
}

static void auto_searches_and_then_draws(void **state) {
  (void)state;
  struct program program = {.threads = 2};
  for (int i = 0; i < 16; i++) {
    program.ops[i % 2][program.count[i % 2]++] = (struct op){.kind = OP_ADD, .value = 1 + i % 2};
  }
  const struct strategy *strategy = strategies_find("auto");
  void *automatic = strategy->open(&(struct strategy_options){.seed = 1});
  struct strategy_claim claim;
  struct sim sim;
  uint64_t outcome;
  for (int i = 0; i < 1000; i++) {
    assert_true(sim_schedule(&program, strategy, automatic, &sim, &outcome));
  }
  strategy->claim(automatic, &claim);
  print_message("auto: %s\n", claim.text);
  assert_int_equal(claim.bound, 2);
  assert_false(claim.complete);
  assert_non_null(strstr(claim.text, "with up to 2 preemptions"));
  assert_non_null(strstr(claim.text, "PCT"));
  strategy->close(automatic);

  program.count[1] = 0; /* one thread: nothing is left to draw */
  automatic = strategy->open(&(struct strategy_options){.seed = 1});
  assert_true(sim_schedule(&program, strategy, automatic, &sim, &outcome));
  while (sim_schedule(&program, strategy, automatic, &sim, &outcome)) {
  }
  strategy->claim(automatic, &claim);
  assert_true(claim.complete);
  strategy->close(automatic);
}

static void the_default_goes_on_and_else_takes_the_lowest(void **state) {
  (void)state;
  enum thread_state states[] = {THREAD_TIMED, THREAD_RUNNABLE, THREAD_RUNNABLE, THREAD_TIMED};
  struct strategy_point point = {2, false, 4, states, 3, 9};
  assert_int_equal(strategy_default(&point), 2);
  assert_true(strategy_is_preemption(&point, 1));
  point.forced = true;
  point.running = 1; /* it is made to yield */
  assert_int_equal(strategy_default(&point), 2);
  assert_false(strategy_is_preemption(&point, 2));
  assert_true(strategy_is_preemption(&point, 3));
  states[2] = THREAD_BLOCKED;
  assert_int_equal(strategy_default(&point), 1);
  states[1] = THREAD_ENDED;
  assert_int_equal(strategy_default(&point), 3);
  assert_false(strategy_is_preemption(&point, 3));
  assert_true(strategy_is_preemption(&point, 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_seed_draws_the_same),
      cmocka_unit_test(nothing_is_out_of_reach_of_a_random_walk),
      cmocka_unit_test(most_points_cost_a_random_walk_nothing),
      cmocka_unit_test(pct_finds_at_the_rate_that_it_states),
      cmocka_unit_test(nobody_starves_under_pct),
      cmocka_unit_test(auto_searches_and_then_draws),
      cmocka_unit_test(the_default_goes_on_and_else_takes_the_lowest),
  };
  return cmocka_run_group_tests_name("strategies", tests, NULL, NULL);
}
