#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sim.h"

#include "strategy/shrink.h"

struct trial {
  const struct sim_program *program;
  uint64_t runs;
};

static bool try_it(void *arg, const struct schedule *candidate, struct schedule *actual, uint64_t *steps) {
  struct trial *trial = arg;
  struct replay_status status;
  trial->runs++;
  return sim_replay(trial->program, candidate, true, actual, steps, &status);
}

static size_t preemptions(const struct schedule *schedule) {
  size_t count = 0;
  for (size_t i = 0; i < schedule->switch_count; i++) {
    count += schedule->switches[i].how == SWITCH_PREEMPTED;
  }
  return count;
}

/* The first seed that fails, from `seed` on. */
static uint64_t find_failure(const struct sim_program *program, uint64_t seed, struct schedule *found,
                             uint64_t *steps) {
  for (;; seed++) {
    if (sim_run_random(program, seed, found, steps)) {
      return seed;
    }
    schedule_free(found);
    assert_true(seed < 1000000);
  }
}

/* What was shrunk is a schedule of its own: a strict replay follows it, and it still fails. */
static void expect_still_fails(const struct sim_program *program, const struct schedule *schedule) {
  struct schedule actual;
  struct replay_status status;
  uint64_t steps;
  assert_true(sim_replay(program, schedule, false, &actual, &steps, &status));
  assert_false(status.diverged);
  assert_int_equal(status.followed, schedule->switch_count);
  schedule_free(&actual);
}

/* Each failure that is found, shrunk. Returns the most preemptions that were left. */
static size_t shrink_many(const struct sim_program *program, int many, uint64_t most_tries) {
  size_t most = 0;
  uint64_t seed = 0;
  for (int i = 0; i < many; i++) {
    struct schedule found;
    struct schedule copy;
    struct trial trial = {.program = program};
    uint64_t steps;
    seed = find_failure(program, seed + 1, &found, &steps);
    schedule_copy(&copy, &found);
    size_t before = preemptions(&found);
    uint64_t runs = shrink_schedule(&found, steps, most_tries, try_it, &trial);
    assert_int_equal(runs, trial.runs);
    assert_in_range(runs, most_tries ? 1 : 0, most_tries);
    assert_true(preemptions(&found) <= before);
    expect_still_fails(program, &found);
    shrink_schedule(&copy, steps, most_tries, try_it, &trial);
    char *one = schedule_write(&found);
    char *other = schedule_write(&copy);
    assert_string_equal(one, other); /* the same again */
    free(one);
    free(other);
    most = preemptions(&found) > most ? preemptions(&found) : most;
    schedule_free(&found);
    schedule_free(&copy);
  }
  return most;
}

static bool not_ten(const int *cells) { return cells[0] != 10; }

#define ADD                                                                                                            \
  {SIM_POINT, 1}, {SIM_READ, 0}, {SIM_POINT, 2}, { SIM_WRITE, 0 }

/* One preemption between a read and a write, while the other runs to its end, loses an update. */
static const struct sim_program LOST = {
    .actors = 2,
    .names = {"work", "report"},
    .ops = {{ADD, ADD, ADD, ADD, ADD}, {ADD, ADD, ADD, ADD, ADD}},
    .failed = not_ten,
};

static void a_lost_update_needs_one_preemption(void **state) {
  (void)state;
  assert_int_equal(shrink_many(&LOST, 60, 500), 1);
}

static bool both_once(const int *cells) { return cells[0] == 1 && cells[1] == 1; }

/* Each of the two adds has to be split: there in the first, and back in the second (or by a stop between them). */
static const struct sim_program TWICE = {
    .actors = 2,
    .names = {"work", "report"},
    .ops = {{{SIM_POINT, 3}, ADD, {SIM_POINT, 4}, {SIM_READ, 1}, {SIM_POINT, 5}, {SIM_WRITE, 1}, {SIM_POINT, 6}},
            {{SIM_POINT, 3}, ADD, {SIM_POINT, 4}, {SIM_READ, 1}, {SIM_POINT, 5}, {SIM_WRITE, 1}, {SIM_POINT, 6}}},
    .failed = both_once,
};

static void two_lost_updates_need_two_or_three(void **state) {
  (void)state;
  assert_in_range(shrink_many(&TWICE, 60, 500), 2, 3);
}

/* A deadlock of two locks, with a bystander that has nothing to do with it. */
static const struct sim_program DEADLOCK = {
    .actors = 3,
    .names = {"work", "report", "idle"},
    .ops = {{{SIM_POINT, 1}, {SIM_LOCK, 1}, {SIM_POINT, 2}, {SIM_LOCK, 2}, {SIM_UNLOCK, 2}, {SIM_UNLOCK, 1}},
            {{SIM_POINT, 1}, {SIM_LOCK, 2}, {SIM_POINT, 2}, {SIM_LOCK, 1}, {SIM_UNLOCK, 1}, {SIM_UNLOCK, 2}},
            {{SIM_POINT, 7}, {SIM_SLEEP, 0}, {SIM_POINT, 7}, {SIM_POINT, 7}, {SIM_SLEEP, 0}, {SIM_POINT, 8}}},
};

static void a_deadlock_needs_one_preemption(void **state) {
  (void)state;
  assert_int_equal(shrink_many(&DEADLOCK, 60, 500), 1);
}

static bool is_seven(const int *cells) { return cells[2] >= 7; }

static const struct sim_program NUMBERS = {
    .actors = 2,
    .names = {"work", "report"},
    .ops = {{{SIM_POINT, 1}, {SIM_CHOOSE, 100}, {SIM_STORE, 3}, {SIM_CHOOSE, 100}, {SIM_STORE, 2}},
            {{SIM_POINT, 1}, {SIM_POINT, 2}, {SIM_POINT, 3}}},
    .failed = is_seven,
};

static void numbers_are_lowered(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed < 20; seed++) {
    struct schedule found;
    struct trial trial = {.program = &NUMBERS};
    uint64_t steps;
    find_failure(&NUMBERS, seed * 100, &found, &steps);
    shrink_schedule(&found, steps, 500, try_it, &trial);
    assert_int_equal(found.number_count, 2);
    assert_int_equal(found.numbers[0], 0);
    assert_int_equal(found.numbers[1], 7);
    assert_int_equal(preemptions(&found), 0);
    assert_int_equal(found.switch_count, 1); /* one thread ends, and the other runs */
    schedule_free(&found);
  }
}

static void tries_are_bounded(void **state) {
  (void)state;
  for (uint64_t most = 0; most < 12; most++) {
    shrink_many(&LOST, 5, most);
  }
}

static bool never_the_same(void *arg, const struct schedule *candidate, struct schedule *actual, uint64_t *steps) {
  ++*(uint64_t *)arg;
  schedule_copy(actual, candidate); /* it ran, and did not fail */
  *steps = 0;
  return false;
}

static bool always_the_same(void *arg, const struct schedule *candidate, struct schedule *actual, uint64_t *steps) {
  (void)arg;
  (void)candidate;
  *steps = 10;
  actual->first = mem_dup("work");
  return true;
}

static void what_is_not_smaller_is_not_taken(void **state) {
  (void)state;
  struct schedule found;
  uint64_t steps;
  uint64_t runs = 0;
  find_failure(&LOST, 1, &found, &steps);
  found.kind = mem_dup("invariant");
  char *before = schedule_write(&found);
  assert_int_equal(shrink_schedule(&found, steps, 10000, never_the_same, &runs), runs);
  assert_in_range(runs, 5, 9999); /* it gives up by itself */
  char *after = schedule_write(&found);
  assert_string_equal(before, after);
  free(before);
  free(after);
  assert_in_range(shrink_schedule(&found, steps, 10000, always_the_same, NULL), 1, 10);
  assert_int_equal(found.switch_count, 0);
  assert_string_equal(found.kind, "invariant"); /* what the run did not say stays */
  schedule_free(&found);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_lost_update_needs_one_preemption),
      cmocka_unit_test(two_lost_updates_need_two_or_three),
      cmocka_unit_test(a_deadlock_needs_one_preemption),
      cmocka_unit_test(numbers_are_lowered),
      cmocka_unit_test(tries_are_bounded),
      cmocka_unit_test(what_is_not_smaller_is_not_taken),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
