/* The exhaustive search: it runs every schedule once, and what it leaves out makes no difference. */
#include "simulator.h"

#include "platform/mem.h"
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

static const enum op_kind ALL_KINDS[] = {OP_READ,  OP_READ,   OP_WRITE,  OP_WRITE,      OP_ADD,
                                         OP_LOCAL, OP_CHOOSE, OP_SECRET, OP_CHOOSE_ADD, OP_SLEEP,
                                         OP_NOW,   OP_START,  OP_YIELD,  OP_FAIL_IF,    OP_FAIL};

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
      bool once = program->threads == 2 && !program->reserves;
      op.kind = once ? OP_START : OP_ADD;
      op.arg = once ? 3 : op.arg;
      program->reserves |= once;
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

/* A failure ends the schedule, and so must not hide another one that comes a step later. */
static void a_failure_hides_no_other(void **state) {
  (void)state;
  struct program program = {.threads = 2};
  add(&program, 0, (struct op){.kind = OP_WRITE, .arg = 0, .value = 1});
  add(&program, 0, (struct op){.kind = OP_FAIL});
  add(&program, 1, (struct op){.kind = OP_FAIL_IF, .arg = 0, .value = 1});
  for (int k = 1; k <= 2; k++) {
    struct search result = search(&program, k, false);
    assert_int_equal(result.outcomes.count, 2);
    outcomes_free(&result.outcomes);
  }
  struct search result = search(&program, STRATEGY_NO_BOUND, false);
  assert_int_equal(result.outcomes.count, 2);
  outcomes_free(&result.outcomes);
}

/* Thread 0 adds to the variable only for one of its numbers, and must be woken for that one's sake. */
static void all_numbers_of_a_step_count_for_its_sleep(void **state) {
  (void)state;
  struct program program = {.threads = 2};
  add(&program, 0, (struct op){.kind = OP_CHOOSE_ADD, .arg = 0, .value = 3});
  add(&program, 1, (struct op){.kind = OP_CHOOSE, .value = 2});
  add(&program, 1, (struct op){.kind = OP_WRITE, .arg = 0, .value = 5, .joined = true});
  struct search full = search(&program, STRATEGY_NO_BOUND, true), dpor = search(&program, STRATEGY_NO_BOUND, false);
  assert_int_equal(full.outcomes.count, 8); /* 3 numbers by 2, and two orders where the variable is touched */
  assert_true(outcomes_equal(&full.outcomes, &dpor.outcomes));
  outcomes_free(&full.outcomes);
  outcomes_free(&dpor.outcomes);
}

/* Each schedule is run in a state of its own, which was read from the text of the one before; every other text is made
 * while a schedule runs, which is then run again. */
static struct search search_in_pieces(const struct program *program, int64_t preemptions, int piece) {
  struct search result = {0};
  struct buf text = {0};
  struct err err = ERR_INIT;
  struct sim sim;
  uint64_t outcome;
  void *state = open_search(preemptions, false);
  for (int i = 1; sim_schedule(program, exhaustive(), state, &sim, &outcome); i++) {
    if (outcome != SIM_REDUNDANT) {
      result.runs++;
      outcomes_add(&result.outcomes, outcome);
    }
    if (i % piece) {
      continue;
    }
    bool within = (i / piece) % 2 && exhaustive()->begin(state);
    text.len = 0;
    assert_true(exhaustive_save(state, &text));
    if (within) {
      sim = (struct sim){.program = program, .strategy = exhaustive(), .state = state};
      sim_run(&sim);
    }
    exhaustive()->close(state);
    state = open_search(preemptions, false);
    assert_true(exhaustive_load(state, text.data, text.len, &err));
  }
  exhaustive()->claim(state, &result.claim);
  exhaustive()->close(state);
  buf_free(&text);
  return result;
}

static void a_search_can_be_gone_on_with(void **state) {
  (void)state;
  static const int64_t PLANS[] = {2, STRATEGY_NO_BOUND, OWN_PLAN};
  for (uint64_t seed = 1; seed <= 40; seed++) {
    struct program program = random_program(seed);
    for (int plan = 0; plan < 3; plan++) {
      struct search whole = search(&program, PLANS[plan], false);
      struct search pieces = search_in_pieces(&program, PLANS[plan], 1 + (int)(seed % 7) * 4);
      assert_true(outcomes_equal(&whole.outcomes, &pieces.outcomes));
      assert_int_equal(whole.claim.bound, pieces.claim.bound);
      assert_int_equal(whole.claim.complete, pieces.claim.complete);
      if (PLANS[plan] >= 0) {
        assert_int_equal(whole.runs, pieces.runs);
      }
      outcomes_free(&whole.outcomes);
      outcomes_free(&pieces.outcomes);
    }
  }
}

static void assert_refused(const char *text, size_t len, const char *why) {
  struct err err = ERR_INIT;
  void *state = open_search(2, false);
  assert_false(exhaustive_load(state, text, len, &err));
  if (!strstr(err.msg, why)) {
    fail_msg("'%s' does not say '%s'", err.msg, why);
  }
  exhaustive()->close(state);
}

static void what_is_no_saved_search_is_refused(void **state) {
  (void)state;
  struct program program = random_program(3);
  void *search_state = open_search(2, false);
  struct sim sim;
  uint64_t outcome;
  sim_schedule(&program, exhaustive(), search_state, &sim, &outcome);
  struct buf text = {0};
  exhaustive_save(search_state, &text);
  exhaustive()->close(search_state);
  for (size_t len = 0; len + 1 < text.len; len++) {
    struct err err = ERR_INIT;
    void *cut = open_search(2, false);
    assert_false(exhaustive_load(cut, text.data, len, &err));
    exhaustive()->close(cut);
  }
  assert_refused("", 0, "cut off");
  assert_refused("something else\n", 15, "not a saved search");
  char *other = text_replace(mem_dup(text.data), "plan 2", "plan 3");
  assert_refused(other, strlen(other), "another --preemptions");
  char *damaged = text_replace(mem_dup(text.data), "\nend", "\nhere 1:\nend");
  assert_refused(damaged, strlen(damaged), "damaged");
  free(other);
  free(damaged);
  buf_free(&text);
}

/* The same choices, and yet thread 1 has ended where it had not: one of the programs is longer. */
static void a_program_that_changes_proves_nothing(void **state) {
  (void)state;
  struct program longer = {.threads = 2};
  for (int i = 0; i < 6; i++) {
    add(&longer, i % 2, (struct op){.kind = OP_ADD, .arg = 0, .value = 1});
  }
  struct program shorter = longer;
  shorter.count[1] = 1;
  static const int64_t PLANS[] = {2, STRATEGY_NO_BOUND};
  for (int plan = 0; plan < 2; plan++) {
    void *search_state = open_search(PLANS[plan], false);
    struct sim sim;
    uint64_t outcome;
    for (int i = 0; sim_schedule(i % 5 ? &longer : &shorter, exhaustive(), search_state, &sim, &outcome); i++) {
    }
    struct strategy_claim claim;
    exhaustive()->claim(search_state, &claim);
    assert_false(claim.complete);
    assert_int_equal(claim.bound, -1);
    assert_non_null(strstr(claim.text, "nothing can be claimed"));
    exhaustive()->close(search_state);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_interleaving_is_run_once),
      cmocka_unit_test(bounded_levels_have_the_size_they_should),
      cmocka_unit_test(threads_that_share_nothing_have_one_schedule),
      cmocka_unit_test(sections_under_a_lock_have_as_many_as_there_are_orders),
      cmocka_unit_test(no_outcome_is_missed_without_a_bound),
      cmocka_unit_test(no_outcome_is_missed_at_any_bound),
      cmocka_unit_test(a_failure_hides_no_other),
      cmocka_unit_test(all_numbers_of_a_step_count_for_its_sleep),
      cmocka_unit_test(a_search_can_be_gone_on_with),
      cmocka_unit_test(what_is_no_saved_search_is_refused),
      cmocka_unit_test(a_program_that_changes_proves_nothing),
  };
  return cmocka_run_group_tests_name("exhaustive", tests, NULL, NULL);
}
