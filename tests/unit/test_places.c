/* Places and stacks of them, and what the runtime is told of a place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/rng.h"
#include "tsan/places.h"

#define EXTERNAL (UINT64_C(1) << 60)

typedef void add_frame(void *context, const char *function, const char *file, int line, int column);
void __tsan_symbolize_external_ex(uint64_t pc, add_frame *add, void *context);

/* What was answered last, and how often. */
static struct {
  const char *function, *file;
  int line, column, count;
} answer;

static int marker;

static void note(void *context, const char *function, const char *file, int line, int column) {
  assert_ptr_equal(context, &marker);
  answer.function = function;
  answer.file = file;
  answer.line = line;
  answer.column = column;
  answer.count++;
}

static int ask(uint64_t pc) {
  answer.count = 0;
  __tsan_symbolize_external_ex(pc, note, &marker);
  return answer.count;
}

/* The runtime asks about the byte before a return address, too. */
static void a_pc_is_a_place(void **state) {
  (void)state;
  uint32_t first = places_add("Counter.add", "counter.py", 6), second = places_add("Counter.get", "counter.py", 9);
  assert_true(first > 0);
  assert_int_equal(second, first + 1);
  for (uint64_t back = 0; back < 3; back++) {
    assert_int_equal(ask(places_pc(first) - back), 1);
    assert_string_equal(answer.function, "Counter.add");
    assert_string_equal(answer.file, "counter.py");
    assert_int_equal(answer.line, 6);
    assert_int_equal(answer.column, 0);
    assert_int_equal(ask(places_pc(second) - back), 1);
    assert_int_equal(answer.line, 9);
  }
}

static void other_pcs_are_not_answered(void **state) {
  (void)state;
  uint32_t last = places_add("f", "f.py", 1);
  assert_true(places_pc(last) & EXTERNAL);
  assert_int_equal(ask(places_pc(last) & ~EXTERNAL), 0);
  assert_int_equal(ask(places_pc(last + 1)), 0);
  assert_int_equal(ask(places_pc(0)), 0);
  assert_int_equal(ask(EXTERNAL), 0);
  assert_int_equal(ask(0), 0);
  assert_int_equal(ask(UINT64_MAX), 0);
}

static void equal_stacks_have_one_number(void **state) {
  (void)state;
  const uint32_t outer[] = {1, 2, 3}, turned[] = {3, 2, 1}, inner[] = {1, 2}, same[] = {1, 2, 3};
  uint32_t number = places_stack(outer, 3);
  assert_true(number > 0);
  assert_int_equal(places_stack(same, 3), number);
  assert_int_not_equal(places_stack(turned, 3), number);
  assert_int_not_equal(places_stack(inner, 2), number);
  assert_int_not_equal(places_stack(inner, 1), places_stack(inner, 2));
  int count;
  const uint32_t *kept = places_of_stack(number, &count);
  assert_int_equal(count, 3);
  assert_memory_equal(kept, outer, sizeof outer);
}

static int make_stack(uint32_t places[PLACES_DEEPEST], uint64_t seed) {
  struct rng rng = {.state = seed};
  int count = 1 + (int)rng_below(&rng, PLACES_DEEPEST);
  for (int i = 0; i < count; i++) {
    places[i] = 1 + (uint32_t)rng_below(&rng, 4);
  }
  places[0] = 1 + (uint32_t)seed; /* no two alike */
  return count;
}

static void thousands_of_stacks_are_kept(void **state) {
  (void)state;
  enum { MANY = 20000 };
  static uint32_t numbers[MANY];
  uint32_t places[PLACES_DEEPEST];
  for (uint32_t i = 0; i < MANY; i++) {
    numbers[i] = places_stack(places, make_stack(places, i));
  }
  for (uint32_t i = 0; i < MANY; i++) {
    int count = make_stack(places, i), kept_count;
    assert_int_equal(places_stack(places, count), numbers[i]);
    const uint32_t *kept = places_of_stack(numbers[i], &kept_count);
    assert_int_equal(kept_count, count);
    assert_memory_equal(kept, places, (size_t)count * sizeof *places);
  }
}

static void thousands_of_places_are_kept(void **state) {
  (void)state;
  enum { MANY = 5000 };
  uint32_t first = places_add("g", "g.py", 0);
  for (uint32_t i = 1; i < MANY; i++) {
    assert_int_equal(places_add("g", "g.py", i), first + i);
  }
  for (uint32_t i = 0; i < MANY; i++) {
    assert_int_equal(places_get(first + i)->line, i);
    assert_int_equal(ask(places_pc(first + i)), 1);
    assert_int_equal(answer.line, i);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_pc_is_a_place),
      cmocka_unit_test(other_pcs_are_not_answered),
      cmocka_unit_test(equal_stacks_have_one_number),
      cmocka_unit_test(thousands_of_stacks_are_kept),
      cmocka_unit_test(thousands_of_places_are_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
