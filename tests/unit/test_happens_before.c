/* Which accesses are ordered, and what unordered ones did, by example. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tsan/happens_before.h"

static struct hb_race told[HB_MOST_RACES];

/* `stack` stands for where it is. */
static int touch(uint32_t cell, int thread, bool write, uint32_t stack) {
  return hb_touch(cell, &(struct hb_access){.thread = thread, .write = write, .stack = stack, .operation = 1}, told);
}

static int reads(uint32_t cell, int thread, uint32_t stack) { return touch(cell, thread, false, stack); }

static int writes(uint32_t cell, int thread, uint32_t stack) { return touch(cell, thread, true, stack); }

static int iterates(uint32_t cell, int thread, uint64_t iteration, bool begins) {
  return hb_touch(cell, &(struct hb_access){.thread = thread, .iteration = iteration, .begins = begins}, told);
}

/* What one thread does before, the other does after. */
static void hand_over(int from, int to, uint32_t sync) {
  hb_release(from, sync);
  hb_acquire(to, sync);
}

static int with_effect(int count, enum hb_effect effect) {
  int found = 0;
  for (int i = 0; i < count; i++) {
    found += told[i].effect == effect;
  }
  return found;
}

static void two_of_which_one_writes_race(void **state) {
  (void)state;
  for (int first = 0; first < 2; first++) {
    for (int second = 0; second < 2; second++) {
      hb_reset();
      uint32_t cell = hb_new_cell(), other_cell = hb_new_cell();
      assert_int_equal(touch(cell, 0, first, 11), 0);
      assert_int_equal(touch(other_cell, 1, second, 12), 0);
      assert_int_equal(touch(cell, 0, second, 13), 0); /* of the same thread */
      hb_reset();
      cell = hb_new_cell();
      assert_int_equal(touch(cell, 0, first, 21), 0);
      assert_int_equal(touch(cell, 1, second, 22), first || second);
      if (first || second) {
        assert_int_equal(told[0].effect, HB_NOTHING);
        assert_int_equal(told[0].other.thread, 0);
        assert_int_equal(told[0].other.write, first);
        assert_int_equal(told[0].other.stack, 21);
      }
    }
  }
}

static void a_release_orders_what_was_before_it(void **state) {
  (void)state;
  hb_reset();
  uint32_t before = hb_new_cell(), after = hb_new_cell(), sync = hb_new_sync(), other_sync = hb_new_sync();
  writes(before, 0, 1);
  hb_release(0, sync);
  writes(after, 0, 2);
  hb_acquire(1, other_sync);
  assert_int_equal(writes(before, 2, 3), 1); /* who acquired nothing */
  hb_acquire(1, sync);
  assert_int_equal(reads(before, 1, 4), 1);
  assert_int_equal(told[0].other.thread, 2);
  assert_int_equal(reads(after, 1, 5), 1);
  assert_int_equal(told[0].other.stack, 2);
}

static void an_acquire_before_the_release_orders_nothing(void **state) {
  (void)state;
  hb_reset();
  uint32_t cell = hb_new_cell(), sync = hb_new_sync();
  writes(cell, 0, 1);
  hb_acquire(1, sync);
  hb_release(0, sync);
  assert_int_equal(writes(cell, 1, 2), 1);
}

static void order_is_handed_on(void **state) {
  (void)state;
  hb_reset();
  uint32_t cell = hb_new_cell(), first = hb_new_sync(), second = hb_new_sync();
  writes(cell, 0, 1);
  hand_over(0, 1, first);
  hand_over(1, 2, second);
  assert_int_equal(writes(cell, 2, 2), 0);
  assert_int_equal(writes(cell, 1, 3), 1); /* the middle one did not hear of the last one's */
  assert_int_equal(told[0].other.thread, 2);
}

/* A barrier: all let go, then all take. */
static void an_acquire_comes_after_each_release(void **state) {
  (void)state;
  hb_reset();
  uint32_t cells[3], sync = hb_new_sync();
  for (int i = 0; i < 3; i++) {
    cells[i] = hb_new_cell();
    writes(cells[i], i, 1);
    hb_release(i, sync);
  }
  for (int i = 0; i < 3; i++) {
    hb_acquire(i, sync);
    assert_int_equal(reads(cells[0], i, 2) + reads(cells[1], i, 2) + reads(cells[2], i, 2), 0);
  }
}

static void a_write_between_is_lost(void **state) {
  (void)state;
  hb_reset();
  uint32_t cell = hb_new_cell();
  reads(cell, 0, 10);
  assert_int_equal(writes(cell, 1, 20), 1); /* with the read: nothing is lost yet */
  assert_int_equal(told[0].effect, HB_NOTHING);
  assert_int_equal(writes(cell, 0, 11), 2);
  assert_int_equal(with_effect(2, HB_LOST_UPDATE), 1);
  assert_int_equal(told[1].effect, HB_LOST_UPDATE);
  assert_int_equal(told[1].other.stack, 20);
  assert_true(told[1].other.write);
  assert_int_equal(told[1].before.thread, 0);
  assert_int_equal(told[1].before.stack, 10);
  assert_false(told[1].before.write);
}

static void what_is_seen_is_not_lost(void **state) {
  (void)state;
  hb_reset();
  uint32_t again = hb_new_cell(), written = hb_new_cell(), blind = hb_new_cell();
  reads(again, 0, 1);
  writes(again, 1, 2);
  reads(again, 0, 3); /* sees it */
  assert_int_equal(with_effect(writes(again, 0, 4), HB_LOST_UPDATE), 0);
  reads(written, 0, 1);
  writes(written, 0, 2); /* what it read it has used */
  writes(written, 1, 3);
  assert_int_equal(with_effect(writes(written, 0, 4), HB_LOST_UPDATE), 0);
  writes(blind, 1, 1);
  assert_int_equal(with_effect(writes(blind, 0, 2), HB_LOST_UPDATE), 0); /* never read */
}

static void an_update_is_lost_within_one_operation(void **state) {
  (void)state;
  static const uint64_t OPERATIONS[][2] = {{7, 7}, {7, 8}, {0, 0}};
  for (int i = 0; i < 3; i++) {
    hb_reset();
    uint32_t cell = hb_new_cell();
    hb_touch(cell, &(struct hb_access){.thread = 0, .operation = OPERATIONS[i][0]}, told);
    writes(cell, 1, 2);
    struct hb_access write = {.thread = 0, .write = true, .operation = OPERATIONS[i][1]};
    assert_int_equal(with_effect(hb_touch(cell, &write, told), HB_LOST_UPDATE), i == 0);
  }
}

/* The other's write is ordered with this thread's, and not with the read that it came of. */
static void a_check_without_the_lock_and_the_act_with_it_lose(void **state) {
  (void)state;
  hb_reset();
  uint32_t cell = hb_new_cell(), lock = hb_new_sync();
  hb_acquire(0, lock);
  hb_release(0, lock);
  reads(cell, 0, 10);
  hb_acquire(1, lock);
  assert_int_equal(writes(cell, 1, 20), 1);
  hand_over(1, 0, lock);
  assert_int_equal(writes(cell, 0, 11), 1);
  assert_int_equal(told[0].effect, HB_LOST_UPDATE);
  assert_int_equal(told[0].other.stack, 20);
  assert_int_equal(told[0].before.stack, 10);
}

/* The lock was free in between: a read and a write under it each, and another's write. All three are ordered. */
static void two_blocks_under_one_lock_race_with_nobody(void **state) {
  (void)state;
  hb_reset();
  uint32_t cell = hb_new_cell(), lock = hb_new_sync();
  reads(cell, 0, 1);
  hand_over(0, 1, lock);
  assert_int_equal(writes(cell, 1, 2), 0);
  hand_over(1, 0, lock);
  assert_int_equal(writes(cell, 0, 3), 0);
}

static void an_iteration_goes_on_over_a_change(void **state) {
  (void)state;
  hb_reset();
  uint32_t cell = hb_new_cell();
  iterates(cell, 0, 5, true);
  writes(cell, 1, 20);
  assert_int_equal(iterates(cell, 0, 5, false), 2);
  assert_int_equal(with_effect(2, HB_CHANGED), 1);
  assert_int_equal(told[1].other.stack, 20);
}

static void a_new_iteration_sees_the_change(void **state) {
  (void)state;
  static const struct {
    uint64_t first, second;
    bool begins;
  } CASES[] = {{5, 5, true}, {5, 6, false}, {0, 0, false}}; /* the same address anew; another one; none */
  for (int i = 0; i < 3; i++) {
    hb_reset();
    uint32_t cell = hb_new_cell();
    iterates(cell, 0, CASES[i].first, true);
    writes(cell, 1, 20);
    assert_int_equal(with_effect(iterates(cell, 0, CASES[i].second, CASES[i].begins), HB_CHANGED), 0);
  }
}

static void of_many_races_the_last_are_told(void **state) {
  (void)state;
  hb_reset();
  uint32_t cell = hb_new_cell();
  for (int i = 0; i < HB_MOST_THREADS; i++) {
    assert_int_equal(reads(cell, i, (uint32_t)i), 0);
  }
  assert_int_equal(writes(cell, 0, 99), HB_MOST_RACES);
  for (int i = 0; i < HB_MOST_RACES; i++) {
    assert_int_equal(told[i].other.thread, HB_MOST_THREADS - 1 - i);
    assert_int_equal(told[i].other.stack, HB_MOST_THREADS - 1 - i);
  }
}

/* Effects are of threads with the highest numbers too. */
static void as_many_threads_as_there_may_be(void **state) {
  (void)state;
  enum { LAST = HB_MOST_THREADS - 1 };
  hb_reset();
  uint32_t cell = hb_new_cell(), checked = hb_new_cell(), sync = hb_new_sync();
  for (int i = 0; i < LAST; i++) {
    assert_int_equal(writes(cell, i, 1), 0);
    hand_over(i, i + 1, sync);
  }
  assert_int_equal(writes(cell, LAST, 1), 0);
  assert_int_equal(writes(cell, 0, 2), HB_MOST_RACES);
  reads(checked, LAST, 3);
  writes(checked, LAST - 1, 4);
  hand_over(LAST - 1, LAST, sync);
  assert_int_equal(writes(checked, LAST, 5), 1);
  assert_int_equal(told[0].effect, HB_LOST_UPDATE);
}

static void a_reset_forgets(void **state) {
  (void)state;
  hb_reset();
  uint32_t cell = hb_new_cell(), sync = hb_new_sync();
  writes(cell, 0, 1);
  hb_release(0, sync);
  hb_reset();
  assert_int_equal(hb_new_cell(), cell);
  assert_int_equal(hb_new_sync(), sync);
  assert_int_equal(writes(cell, 1, 2), 0);
  hb_acquire(0, sync); /* where nobody released since */
  assert_int_equal(writes(cell, 0, 3), 1);
}

static void thousands_of_cells_are_apart(void **state) {
  (void)state;
  enum { MANY = 5000 };
  hb_reset();
  for (uint32_t i = 0; i < MANY; i++) {
    assert_int_equal(hb_new_cell(), i);
    assert_int_equal(hb_new_sync(), i);
    assert_int_equal(writes(i, (int)(i % 3), i), 0);
    hb_release((int)(i % 3), i);
  }
  for (uint32_t i = 0; i < MANY; i++) {
    assert_int_equal(writes(i, 3, MANY), 1);
    assert_int_equal(told[0].other.stack, i);
    hb_acquire(4, i);
    assert_int_equal(reads(i, 4, MANY), 1);
    assert_int_equal(told[0].other.thread, 3);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_of_which_one_writes_race),
      cmocka_unit_test(a_release_orders_what_was_before_it),
      cmocka_unit_test(an_acquire_before_the_release_orders_nothing),
      cmocka_unit_test(order_is_handed_on),
      cmocka_unit_test(an_acquire_comes_after_each_release),
      cmocka_unit_test(a_write_between_is_lost),
      cmocka_unit_test(what_is_seen_is_not_lost),
      cmocka_unit_test(an_update_is_lost_within_one_operation),
      cmocka_unit_test(a_check_without_the_lock_and_the_act_with_it_lose),
      cmocka_unit_test(two_blocks_under_one_lock_race_with_nobody),
      cmocka_unit_test(an_iteration_goes_on_over_a_change),
      cmocka_unit_test(a_new_iteration_sees_the_change),
      cmocka_unit_test(of_many_races_the_last_are_told),
      cmocka_unit_test(as_many_threads_as_there_may_be),
      cmocka_unit_test(a_reset_forgets),
      cmocka_unit_test(thousands_of_cells_are_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
