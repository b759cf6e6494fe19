/* The exhaustive search: it runs every schedule once, and what it leaves out makes no difference. */
#include "simulator.h"

#include "platform/rng.h"
#include "strategy/exhaustive.h"

static const struct strategy *exhaustive(void) { return strategies_find("exhaustive"); }

#define OWN_PLAN (-2)

static void *open_search(int64_t preemptions, bool no_reduction) {
  struct strategy_options options = {
      .preemptions = preemptions, .preemptions_given = preemptions != OWN_PLAN, .no_reduction = no_reduction};
  return exhaustive()->open(&options);
}

struct search {
  uint64_t runs, redundant;
  struct outcomes outcomes;
  struct strategy_claim claim;
};

/* The search to its end. */
static struct search search(const struct program *program, int64_t preemptions, bool no_reduction) {
  struct search result = {0};
  void *state = open_search(preemptions, no_reduction);
  struct sim sim;
  uint64_t outcome;
  while (sim_schedule(program, exhaustive(), state, &sim, &outcome)) {
    if (outcome == SIM_REDUNDANT) {
      result.redundant++;
    } else {
      result.runs++;
      outcomes_add(&result.outcomes, outcome);
    }
    assert_true(result.runs < 3000000);
  }
  exhaustive()->claim(state, &result.claim);
  exhaustive()->close(state);
  return result;
}

/* How many schedules it takes, without regard to what came of them. */
static uint64_t count(const struct program *program, int64_t preemptions, bool no_reduction) {
  struct search result = search(program, preemptions, no_reduction);
  outcomes_free(&result.outcomes);
  return result.runs;
}

static void add(struct program *program, int thread, struct op op) {
  program->ops[thread][program->count[thread]++] = op;
}

static struct program locals(int threads, const int *lengths) {
  struct program program = {.threads = threads};
  for (int i = 0; i < threads; i++) {
    for (int j = 0; j < lengths[i]; j++) {
      add(&program, i, (struct op){.kind = OP_LOCAL});
    }
  }
  return program;
}

static uint64_t choose(uint64_t n, uint64_t k) {
  uint64_t result = 1;
  for (uint64_t i = 1; i <= k; i++) {
    result = result * (n - k + i) / i;
  }
  return k > n ? 0 : result;
}

static void every_interleaving_is_run_once(void **state) {
  (void)state;
  struct program two = locals(2, (int[]){5, 6}), three = locals(3, (int[]){3, 2, 4});
  assert_int_equal(count(&two, STRATEGY_NO_BOUND, true), choose(11, 5));
  assert_int_equal(count(&three, STRATEGY_NO_BOUND, true), choose(9, 3) * choose(6, 2));
  assert_int_equal(count(&two, 100, true), choose(11, 5));
  assert_int_equal(count(&three, 100, true), choose(9, 3) * choose(6, 2));
  struct search result = search(&two, OWN_PLAN, true);
  assert_true(result.claim.complete);
  outcomes_free(&result.outcomes);
}

/* Two threads of n and m steps, with at most k preemptions: sequences of blocks, in which all but the last switch away
 * from each thread are preemptions. With a blocks of the one and b of the other, |a - b| <= 1, there are a-1 + b-1. */
static uint64_t with_at_most(uint64_t n, uint64_t m, uint64_t k) {
  uint64_t result = 0;
  for (uint64_t a = 1; a <= n; a++) {
    for (uint64_t b = a > 1 ? a - 1 : 1; b <= m && b <= a + 1; b++) {
      if (a + b - 2 <= k) {
        result += choose(n - 1, a - 1) * choose(m - 1, b - 1) * (a == b ? 2 : 1);
      }
    }
  }
  return result;
}

static void bounded_levels_have_the_size_they_should(void **state) {
  (void)state;
  struct program two = locals(2, (int[]){7, 5});
  for (int k = 0; k <= 6; k++) {
    assert_int_equal(count(&two, k, true), with_at_most(7, 5, (uint64_t)k));
  }
  struct program large = locals(2, (int[]){14, 14});
  struct search result = search(&large, 4, true);
  assert_int_equal(result.runs, with_at_most(14, 14, 4));
  assert_int_equal(result.claim.bound, 4);
  assert_false(result.claim.complete);
  print_message("bounded: %s\n", result.claim.text);
  outcomes_free(&result.outcomes);
}

static void threads_that_share_nothing_have_one_schedule(void **state) {
  (void)state;
  struct program program = {.threads = 3};
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 4; j++) {
      add(&program, i, (struct op){.kind = OP_ADD, .arg = i, .value = 1});
    }
  }
  assert_int_equal(count(&program, STRATEGY_NO_BOUND, false), 1);
  struct search result = search(&program, OWN_PLAN, false);
  assert_int_equal(result.runs, 1 + 2 + 3); /* whoever is first, second and third: switches that cost nothing */
  assert_true(result.claim.complete);
  outcomes_free(&result.outcomes);
}

/* A section in one step: its traces are the orders of the sections. */
static void sections_under_a_lock_have_as_many_as_there_are_orders(void **state) {
  (void)state;
  for (int k = 1; k <= 4; k++) {
    struct program program = {.threads = 2};
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < k; j++) {
        add(&program, i, (struct op){.kind = OP_LOCK, .arg = 0});
        add(&program, i, (struct op){.kind = OP_ADD, .arg = 0, .value = 1 + i, .joined = true});
        add(&program, i, (struct op){.kind = OP_UNLOCK, .arg = 0, .value = 0, .joined = true});
      }
    }
    assert_int_equal(count(&program, STRATEGY_NO_BOUND, false), choose(2 * (uint64_t)k, (uint64_t)k));
  }
}

static const enum op_kind ALL_KINDS[] = {OP_READ,   OP_READ,       OP_WRITE, OP_WRITE, OP_ADD,   OP_LOCAL,   OP_CHOOSE,
                                         OP_SECRET, OP_CHOOSE_ADD, OP_SLEEP, OP_NOW,   OP_START, OP_FAIL_IF, OP_FAIL};

static struct op random_op(struct rng *rng, int kinds, int variables) {
  struct op op = {.kind = ALL_KINDS[rng_below(rng, (uint64_t)kinds)],
                  .arg = (int)rng_below(rng, (uint64_t)variables),
                  .value = 1 + (int)rng_below(rng, 2)};
  op.value += op.kind == OP_CHOOSE || op.kind == OP_CHOOSE_ADD;
  op.joined = rng_below(rng, 4) == 0;
  return op;
}

/* A lock is taken around some of the operations. `kinds`: how many of ALL_KINDS there may be. */
static void random_body(struct rng *rng, struct program *program, int thread, int length, int kinds, int variables,
                        int locks) {
  int held = -1, until = 0;
  for (int i = 0; i < length; i++) {
    if (held < 0 && locks && i + 1 < length && rng_below(rng, 3) == 0) {
      held = (int)rng_below(rng, (uint64_t)locks);
      until = i + 1 + (int)rng_below(rng, 2);
      bool timed = kinds > 9 && rng_below(rng, 2) == 0;
      add(program, thread, (struct op){.kind = timed ? OP_LOCK_TIMED : OP_LOCK, .arg = held, .value = 1});
    }
    struct op op = random_op(rng, kinds, variables);
    if (op.kind == OP_START) {
      op.kind = program->reserves ? OP_ADD : OP_START;
      op.arg = program->reserves ? op.arg : 3;
      program->reserves = 1;
    }
    add(program, thread, op);
    if (held >= 0 && (i == until || i + 1 == length)) {
      add(program, thread, (struct op){.kind = OP_UNLOCK, .arg = held, .value = 0, .joined = rng_below(rng, 2) == 0});
      held = -1;
    }
  }
}

static struct program random_program(uint64_t seed) {
  struct rng rng = {seed};
  struct program program = {.threads = 2 + (int)rng_below(&rng, 2)};
  int kinds = 5 + (int)rng_below(&rng, sizeof ALL_KINDS / sizeof ALL_KINDS[0] - 4);
  int variables = 1 + (int)rng_below(&rng, 3), locks = (int)rng_below(&rng, 3);
  int longest = program.threads == 2 ? 5 : 3;
  for (int i = 0; i < program.threads; i++) {
    random_body(&rng, &program, i, 2 + (int)rng_below(&rng, (uint64_t)longest - 1), kinds, variables, locks);
  }
  if (program.reserves) {
    add(&program, 3, (struct op){.kind = OP_ADD, .arg = 0, .value = 2});
  }
  return program;
}

#define PROGRAMS 300
#define MOST_RUNS 20000 /* of a program without reduction: larger ones are left out */

static void no_outcome_is_missed_without_a_bound(void **state) {
  (void)state;
  uint64_t all = 0, reduced = 0, cut_off = 0, outcomes = 0;
  for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
    struct program program = random_program(seed);
    struct search full = search(&program, STRATEGY_NO_BOUND, true);
    struct search dpor = search(&program, STRATEGY_NO_BOUND, false);
    if (!outcomes_equal(&full.outcomes, &dpor.outcomes)) {
      fail_msg("program %d: %zu outcomes of %zu", (int)seed, dpor.outcomes.count, full.outcomes.count);
    }
    assert_true(full.claim.complete && dpor.claim.complete);
    assert_true(dpor.runs <= full.runs);
    all += full.runs, reduced += dpor.runs, cut_off += dpor.redundant, outcomes += full.outcomes.count;
    outcomes_free(&full.outcomes);
    outcomes_free(&dpor.outcomes);
  }
  print_message("%d programs, %d outcomes: %d schedules, %d reduced (and %d cut off)\n", PROGRAMS, (int)outcomes,
                (int)all, (int)reduced, (int)cut_off);
}

static void no_outcome_is_missed_at_any_bound(void **state) {
  (void)state;
  uint64_t all = 0, reduced = 0;
  for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
    struct program program = random_program(seed);
    for (int k = 0; k <= 3; k++) {
      struct search full = search(&program, k, true), visible = search(&program, k, false);
      if (!outcomes_equal(&full.outcomes, &visible.outcomes)) {
        fail_msg("program %d, %d preemptions: %zu outcomes of %zu", (int)seed, k, visible.outcomes.count,
                 full.outcomes.count);
      }
      assert_int_equal(visible.claim.bound >= k || visible.claim.complete, true);
      all += full.runs, reduced += visible.runs;
      outcomes_free(&full.outcomes);
      outcomes_free(&visible.outcomes);
    }
  }
  print_message("%d programs, up to 3 preemptions: %d schedules, %d at visible places\n", PROGRAMS, (int)all,
                (int)reduced);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_interleaving_is_run_once),
      cmocka_unit_test(bounded_levels_have_the_size_they_should),
      cmocka_unit_test(threads_that_share_nothing_have_one_schedule),
      cmocka_unit_test(sections_under_a_lock_have_as_many_as_there_are_orders),
      cmocka_unit_test(no_outcome_is_missed_without_a_bound),
      cmocka_unit_test(no_outcome_is_missed_at_any_bound),
  };
  return cmocka_run_group_tests_name("exhaustive", tests, NULL, NULL);
}
