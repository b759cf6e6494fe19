#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sim.h"

static bool lost_update(const int *cells) { return cells[0] != 4; }

/* Two threads add to a cell twice each, not atomically; a third is begun in the middle, with a lock and a sleep. */
static const struct sim_program COUNTER = {
    .actors = 2,
    .names = {"work", "report", "work#2"},
    .ops = {{{SIM_POINT, 1},
             {SIM_READ, 0},
             {SIM_POINT, 2},
             {SIM_WRITE, 0},
             {SIM_SPAWN, 2},
             {SIM_POINT, 1},
             {SIM_READ, 0},
             {SIM_POINT, 2},
             {SIM_WRITE, 0},
             {SIM_POINT, 3}},
            {{SIM_POINT, 1},
             {SIM_READ, 0},
             {SIM_POINT, 2},
             {SIM_WRITE, 0},
             {SIM_SLEEP, 0},
             {SIM_POINT, 1},
             {SIM_READ, 0},
             {SIM_POINT, 2},
             {SIM_WRITE, 0},
             {SIM_LOCK, 1},
             {SIM_POINT, 4},
             {SIM_UNLOCK, 1}},
            {{SIM_LOCK, 1}, {SIM_CHOOSE, 5}, {SIM_POINT, 5}, {SIM_STORE, 2}, {SIM_YIELD, 0}, {SIM_UNLOCK, 1}}},
    .failed = lost_update,
};

/* What was recorded is what a replay makes, to the last switch, whatever the schedule was. */
static void a_schedule_is_followed_exactly(void **state) {
  (void)state;
  int failures = 0;
  for (uint64_t seed = 1; seed <= 3000; seed++) {
    struct schedule recorded;
    struct schedule again;
    struct replay_status status;
    uint64_t steps;
    uint64_t steps_again;
    bool failed = sim_run_random(&COUNTER, seed, &recorded, &steps);
    assert_int_equal(sim_replay(&COUNTER, &recorded, seed % 2, &again, &steps_again, &status), failed);
    assert_int_equal(steps, steps_again);
    assert_false(status.diverged);
    assert_int_equal(status.followed, recorded.switch_count);
    char *one = schedule_write(&recorded);
    char *other = schedule_write(&again);
    assert_string_equal(one, other);
    free(one);
    free(other);
    schedule_free(&recorded);
    schedule_free(&again);
    failures += failed;
  }
  assert_in_range(failures, 100, 2900);
}

static bool never(const int *cells) { return cells[0] < 0; }

/* work waits for what report holds; report passes place 2 three times. */
static const struct sim_program PLAIN = {
    .actors = 2,
    .names = {"work", "report"},
    .ops = {{{SIM_POINT, 1}, {SIM_LOCK, 1}, {SIM_POINT, 2}, {SIM_UNLOCK, 1}, {SIM_POINT, 3}},
            {{SIM_LOCK, 1}, {SIM_POINT, 2}, {SIM_POINT, 2}, {SIM_POINT, 2}, {SIM_UNLOCK, 1}, {SIM_POINT, 4}}},
    .failed = never,
};

static struct schedule from(const char *first) {
  struct schedule schedule = {.first = mem_dup(first)};
  strlist_add(&schedule.threads, "work");
  strlist_add(&schedule.threads, "report");
  strlist_add(&schedule.threads, "ghost");
  return schedule;
}

static void preempt(struct schedule *schedule, const char *thread, uint32_t offset, uint32_t occurrence,
                    const char *next) {
  *schedule_add(schedule) = (struct schedule_switch){
      .thread = mem_dup(thread),
      .place = {mem_dup("sim.py"), mem_dup("f"), offset + 10, offset, mem_dup("CALL_METHOD")},
      .occurrence = occurrence,
      .next = mem_dup(next),
  };
}

static void force(struct schedule *schedule, const char *thread, enum switch_how how, const char *next) {
  *schedule_add(schedule) = (struct schedule_switch){.thread = mem_dup(thread), .how = how, .next = mem_dup(next)};
}

/* Replays and frees it. */
static struct replay_status status_of(struct schedule *schedule, bool lenient, char **ran) {
  struct schedule actual;
  struct replay_status status;
  uint64_t steps;
  assert_false(sim_replay(&PLAIN, schedule, lenient, &actual, &steps, &status));
  if (ran) {
    *ran = schedule_write(&actual);
  }
  schedule_free(&actual);
  schedule_free(schedule);
  return status;
}

static void the_occurrence_counts(void **state) {
  (void)state;
  for (uint32_t occurrence = 1; occurrence <= 3; occurrence++) {
    struct schedule schedule = from("report");
    preempt(&schedule, "report", 2, occurrence, "work");
    force(&schedule, "work", SWITCH_WAITS, "report");
    char want[64];
    snprintf(want, sizeof want, ":12+2 f CALL #%u -> work\n", occurrence);
    char *ran;
    struct replay_status status = status_of(&schedule, false, &ran);
    assert_false(status.diverged);
    assert_int_equal(status.followed, 2);
    assert_non_null(strstr(ran, want));
    free(ran);
  }
}

static void expect_diverged(struct schedule *schedule, size_t at, bool never_there, const char *why) {
  struct replay_status status = status_of(schedule, false, NULL);
  assert_true(status.diverged);
  assert_int_equal(status.diverged_at, at);
  assert_int_equal(status.followed, at);
  assert_int_equal(status.never_there, never_there);
  if (!strstr(status.why, why)) {
    fail_msg("'%s' does not say '%s'", status.why, why);
  }
}

static void places_that_are_not_reached_are_told(void **state) {
  (void)state;
  struct schedule schedule = from("report");
  preempt(&schedule, "report", 2, 4, "work");
  expect_diverged(&schedule, 0, false,
                  "thread 'report' ended before it was at sim.py:12 (f, CALL_METHOD) for time 4: it was there 3 times");
  schedule = from("report");
  preempt(&schedule, "report", 2, 1, "work");
  preempt(&schedule, "work", 2, 1, "report");
  expect_diverged(&schedule, 1, false,
                  "thread 'work' had to wait before it was at sim.py:12"); /* it comes there later */
  schedule = from("report");
  preempt(&schedule, "report", 9, 1, "work");
  expect_diverged(&schedule, 0, true, "it was there 0 times");
  schedule = from("report");
  preempt(&schedule, "report", 3, 1, "work"); /* work's place, not its own */
  expect_diverged(&schedule, 0, true, "it was there 0 times");
  schedule = from("work");
  preempt(&schedule, "work", 2, 1, "report");
  preempt(&schedule, "report", 2, 1, "work"); /* it waits for the lock first */
  expect_diverged(&schedule, 1, false, "thread 'report' had to wait");
}

static void threads_that_cannot_run_are_told(void **state) {
  (void)state;
  struct schedule schedule = from("report");
  preempt(&schedule, "report", 2, 1, "ghost");
  expect_diverged(&schedule, 0, true, "thread 'ghost' could not run: there was no such thread then");
  schedule = from("ghost");
  expect_diverged(&schedule, 0, true, "thread 'ghost' could not run: there was no such thread then");
  schedule = from("report");
  preempt(&schedule, "ghost", 2, 1, "report");
  expect_diverged(&schedule, 0, true, "thread 'report' was running where 'ghost' was to stop");
  schedule = from("report");
  preempt(&schedule, "work", 1, 1, "report");
  expect_diverged(&schedule, 0, false, "thread 'report' was running where 'work' was to stop");
  schedule = from("report");
  preempt(&schedule, "report", 2, 1, "work");
  force(&schedule, "work", SWITCH_WAITS, "report");
  preempt(&schedule, "report", 2, 1, "work");
  expect_diverged(&schedule, 2, false, "thread 'work' could not run: it was waiting for another");
  schedule = from("work");
  force(&schedule, "work", SWITCH_ENDED, "report");
  preempt(&schedule, "report", 2, 1, "work");
  expect_diverged(&schedule, 1, false, "thread 'work' could not run: it had ended");
}

static void stops_of_the_other_kind_are_told(void **state) {
  (void)state;
  struct schedule schedule = from("work");
  force(&schedule, "work", SWITCH_WAITS, "report");
  expect_diverged(&schedule, 0, false, "thread 'work' ended where it waited in the schedule");
  schedule = from("report");
  preempt(&schedule, "report", 2, 1, "work");
  force(&schedule, "work", SWITCH_ENDED, "report");
  expect_diverged(&schedule, 1, false, "thread 'work' had to wait where it ended in the schedule");
  schedule = from("work");
  force(&schedule, "work", SWITCH_ENDED, "report");
  force(&schedule, "report", SWITCH_ENDED, "work");
  expect_diverged(&schedule, 1, false, "the run ended before thread 'report' was to stop");
}

/* Both sleep, and work wakes by itself: a recorder may leave that out, as nothing was switched. */
static const struct sim_program SLEEPERS = {
    .actors = 2,
    .names = {"work", "report"},
    .ops = {{{SIM_POINT, 1}, {SIM_SLEEP, 0}, {SIM_POINT, 1}, {SIM_POINT, 2}}, {{SIM_SLEEP, 0}, {SIM_POINT, 3}}},
    .failed = never,
};

static void a_wait_without_a_switch_needs_no_line(void **state) {
  (void)state;
  for (int with = 0; with < 2; with++) {
    struct schedule actual;
    struct replay_status status;
    uint64_t steps;
    struct schedule schedule = from("report");
    force(&schedule, "report", SWITCH_WAITS, "work");
    if (with) {
      force(&schedule, "work", SWITCH_WAITS, "work");
    }
    preempt(&schedule, "work", 1, with ? 1 : 2, "report"); /* counted from the line before */
    sim_replay(&SLEEPERS, &schedule, false, &actual, &steps, &status);
    assert_false(status.diverged);
    assert_int_equal(status.followed, schedule.switch_count);
    schedule_free(&actual);
    schedule_free(&schedule);
  }
}

static void a_long_reason_is_cut_between_characters(void **state) {
  (void)state;
  char name[700] = "a";
  for (size_t i = 1; i < 600; i += 2) {
    name[i] = '\xc3';
    name[i + 1] = '\xa9';
  }
  for (int shift = 0; shift < 2; shift++) {
    struct schedule schedule = {.first = mem_dup(name + 1 - shift)};
    strlist_add(&schedule.threads, schedule.first);
    struct replay_status status = status_of(&schedule, false, NULL);
    assert_in_range(strlen(status.why), 290, 299);
    assert_int_equal((unsigned char)status.why[strlen(status.why) - 1], 0xa9);
  }
}

static void leniently_what_cannot_be_made_is_left_out(void **state) {
  (void)state;
  struct schedule schedule = from("ghost");
  preempt(&schedule, "ghost", 2, 1, "work");
  preempt(&schedule, "report", 9, 1, "work"); /* never there: its later lines are passed over to where it ends */
  preempt(&schedule, "work", 1, 1, "");       /* nobody: left out */
  preempt(&schedule, "work", 2, 1, "report");
  preempt(&schedule, "work", 3, 1, "report");
  force(&schedule, "report", SWITCH_ENDED, "work");
  char *ran;
  struct replay_status status = status_of(&schedule, true, &ran);
  assert_false(status.diverged);
  assert_non_null(strstr(ran, "first work\nswitch work preempted sim.py:12+2 f CALL #1 -> report\n"
                              "switch report waits -> work\n"
                              "switch work preempted sim.py:13+3 f CALL #1 -> report\n"
                              "switch report ended -> work\n"));
  assert_int_equal(status.followed, 3);
  free(ran);
}

/* Lines taken out at random, threads renamed: whatever is left, the run ends and every choice could be made. */
static void leniently_any_schedule_ends(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 3000; seed++) {
    struct sim_random random = {.state = seed};
    struct schedule recorded;
    struct schedule ran;
    struct replay_status status;
    uint64_t steps;
    sim_run_random(&COUNTER, seed, &recorded, &steps);
    for (size_t i = 0; i < recorded.switch_count; i++) {
      struct schedule_switch *one = &recorded.switches[i];
      char **which = sim_draw(&random, 2) ? &one->next : &one->thread;
      if (sim_draw(&random, 3) == 0) {
        free(*which);
        *which = mem_dup(COUNTER.names[sim_draw(&random, 3)]);
      }
      one->how = sim_draw(&random, 8) ? one->how : SWITCH_WAITS;
    }
    sim_replay(&COUNTER, &recorded, seed % 2, &ran, &steps, &status);
    schedule_free(&ran);
    schedule_free(&recorded);
  }
}

static void numbers_are_given_again(void **state) {
  (void)state;
  uint64_t numbers[] = {3, 9};
  struct schedule schedule = {.numbers = numbers, .number_count = 2};
  const struct strategy *strategy = strategies_find("replay");
  struct strategy_options options = {.schedule = &schedule};
  void *replay = strategy->open(&options);
  assert_true(strategy->begin(replay));
  assert_int_equal(strategy->choose_number(replay, 5), 3);
  assert_int_equal(strategy->choose_number(replay, 5), 4); /* the nearest that may be */
  assert_int_equal(strategy->choose_number(replay, 5), 0);
  strategy->end(replay, false, 0);
  assert_false(strategy->begin(replay));
  strategy->close(replay);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_schedule_is_followed_exactly),
      cmocka_unit_test(the_occurrence_counts),
      cmocka_unit_test(places_that_are_not_reached_are_told),
      cmocka_unit_test(threads_that_cannot_run_are_told),
      cmocka_unit_test(stops_of_the_other_kind_are_told),
      cmocka_unit_test(a_wait_without_a_switch_needs_no_line),
      cmocka_unit_test(a_long_reason_is_cut_between_characters),
      cmocka_unit_test(leniently_what_cannot_be_made_is_left_out),
      cmocka_unit_test(leniently_any_schedule_ends),
      cmocka_unit_test(numbers_are_given_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
