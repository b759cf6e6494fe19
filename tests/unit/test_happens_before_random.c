/* Random programs: which races are told, against a search of the graph of what comes after what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/rng.h"
#include "tsan/happens_before.h"

static struct hb_race told[HB_MOST_RACES];

enum { OPS = 192, WORDS = OPS / 64, CELLS = 3, SYNCS = 3 };

enum kind { TOUCH, ACQUIRE, RELEASE };

struct op {
  enum kind kind;
  uint32_t object; /* the cell or the synchronisation */
  struct hb_access access;
  uint64_t before[WORDS]; /* a bit for each op that it comes after */
};

static struct op ops[OPS];

static void make_program(struct rng *rng, int threads) {
  for (int i = 0; i < OPS; i++) {
    enum kind kind = rng_below(rng, 4) ? TOUCH : rng_below(rng, 2) ? ACQUIRE : RELEASE;
    ops[i] = (struct op){.kind = kind,
                         .object = (uint32_t)rng_below(rng, kind == TOUCH ? CELLS : SYNCS),
                         .access = {.thread = (int)rng_below(rng, (uint64_t)threads),
                                    .write = rng_below(rng, 3) == 0,
                                    .stack = (uint32_t)i,
                                    .operation = rng_below(rng, 3),
                                    .iteration = rng_below(rng, 3),
                                    .begins = rng_below(rng, 3) == 0}};
  }
}

static bool is_before(int first, int second) { return ops[second].before[first / 64] >> (first % 64) & 1; }

static void comes_after(int second, int first) {
  for (int word = 0; word < WORDS; word++) {
    ops[second].before[word] |= ops[first].before[word];
  }
  ops[second].before[first / 64] |= UINT64_C(1) << (first % 64);
}

static void order_program(void) {
  for (int i = 0; i < OPS; i++) {
    for (int j = 0; j < i; j++) {
      bool same_thread = ops[j].access.thread == ops[i].access.thread;
      bool synchronises = ops[j].kind == RELEASE && ops[i].kind == ACQUIRE && ops[j].object == ops[i].object;
      if (same_thread || synchronises) {
        comes_after(i, j);
      }
    }
  }
}

/* The thread's last access of that kind to the cell before that op; -1: none. */
static int last_of(int before, int thread, uint32_t cell, bool write) {
  for (int i = before - 1; i >= 0; i--) {
    bool is_it = ops[i].kind == TOUCH && ops[i].object == cell && ops[i].access.write == write;
    if (is_it && ops[i].access.thread == thread) {
      return i;
    }
  }
  return -1;
}

/* Of an op and another thread: what should be told, as `effect, other's op, own read before it`. */
struct expected {
  struct {
    enum hb_effect effect;
    int other, before;
  } races[3 * HB_MOST_THREADS];
  int count;
};

static void expect(struct expected *list, enum hb_effect effect, int other, int before) {
  list->races[list->count].effect = effect;
  list->races[list->count].other = other;
  list->races[list->count++].before = before;
}

static void expect_of_thread(struct expected *list, int at, int thread) {
  const struct hb_access *access = &ops[at].access;
  uint32_t cell = ops[at].object;
  int read = last_of(at, thread, cell, false), write = last_of(at, thread, cell, true);
  int own_read = last_of(at, access->thread, cell, false), own_write = last_of(at, access->thread, cell, true);
  if (write >= 0 && !is_before(write, at)) {
    expect(list, HB_NOTHING, write, own_read);
  }
  if (access->write && read >= 0 && !is_before(read, at)) {
    expect(list, HB_NOTHING, read, own_read);
  }
  bool between = own_read >= 0 && own_read > own_write && own_read < write;
  if (!between || (is_before(own_read, write) && is_before(write, at))) {
    return;
  }
  const struct hb_access *before = &ops[own_read].access;
  if (access->write && access->operation && access->operation == before->operation) {
    expect(list, HB_LOST_UPDATE, write, own_read);
  }
  if (!access->write && !access->begins && access->iteration && access->iteration == before->iteration) {
    expect(list, HB_CHANGED, write, own_read);
  }
}

static bool is_expected(const struct expected *list, const struct hb_race *race) {
  for (int i = 0; i < list->count; i++) {
    int other = list->races[i].other, before = list->races[i].before;
    bool same_before = before < 0 || race->before.stack == (uint32_t)before;
    if (list->races[i].effect == race->effect && race->other.stack == (uint32_t)other && same_before) {
      assert_int_equal(race->other.thread, ops[other].access.thread);
      assert_int_equal(race->other.write, ops[other].access.write);
      return true;
    }
  }
  return false;
}

static bool same_race(const struct hb_race *a, const struct hb_race *b) {
  return a->effect == b->effect && a->other.stack == b->other.stack;
}

/* How many races of each effect there were. */
static void run_program(int threads, int counts[3]) {
  hb_reset();
  for (int i = 0; i < CELLS || i < SYNCS; i++) {
    hb_new_cell();
    hb_new_sync();
  }
  for (int i = 0; i < OPS; i++) {
    struct expected list = {.count = 0};
    if (ops[i].kind != TOUCH) {
      (ops[i].kind == ACQUIRE ? hb_acquire : hb_release)(ops[i].access.thread, ops[i].object);
      continue;
    }
    for (int thread = 0; thread < threads; thread++) {
      if (thread != ops[i].access.thread) {
        expect_of_thread(&list, i, thread);
      }
    }
    int count = hb_touch(ops[i].object, &ops[i].access, told);
    assert_int_equal(count, list.count < HB_MOST_RACES ? list.count : HB_MOST_RACES);
    for (int j = 0; j < count; j++) {
      assert_true(is_expected(&list, &told[j]));
      counts[told[j].effect]++;
      for (int k = 0; k < j; k++) {
        assert_false(same_race(&told[j], &told[k]));
      }
    }
  }
}

static void random_programs_agree_with_the_graph(void **state) {
  (void)state;
  static const int THREADS[] = {2, 3, 5, HB_MOST_THREADS};
  struct rng rng = {.state = 1};
  int counts[3] = {0};
  for (int i = 0; i < 600; i++) {
    int threads = THREADS[i % 4];
    make_program(&rng, threads);
    order_program();
    run_program(threads, counts);
  }
  for (int effect = 0; effect < 3; effect++) {
    assert_true(counts[effect] > 1000);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_programs_agree_with_the_graph)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
