/* The gate, the lock and the ledger under contention; also built with ThreadSanitizer, where the twins below hold that
 * the gate adds no happens-before edge (doctor's self-test) and that our own code is free of races. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>

#include "oracle/ledger.h"
#include "platform/mem.h"
#include "platform/quiet.h"

enum { THREADS = 4, ROUNDS = 20000 };

struct shared {
  struct quiet_gate gate;
  struct quiet_lock lock;
  long total; /* relaxed atomics: the lock is invisible to ThreadSanitizer on purpose */
  struct ledger ledger;
};

static void *add_under_lock(void *arg) {
  struct shared *shared = arg;
  quiet_gate_arrive(&shared->gate);
  for (int i = 0; i < ROUNDS; i++) {
    quiet_lock(&shared->lock);
    long was = __atomic_load_n(&shared->total, __ATOMIC_RELAXED);
    __atomic_store_n(&shared->total, was + 1, __ATOMIC_RELAXED);
    quiet_unlock(&shared->lock);
  }
  return NULL;
}

static void run_threads(struct shared *shared, void *(*body)(void *)) {
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(pthread_create(&threads[i], NULL, body, shared), 0);
  }
  quiet_gate_open(&shared->gate, THREADS);
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
  }
}

static void the_lock_excludes(void **state) {
  (void)state;
  struct shared shared = {0};
  run_threads(&shared, add_under_lock);
  assert_int_equal(shared.total, (long)THREADS * ROUNDS);
}

static void count_told(void *arg, const struct finding *finding) {
  (void)finding;
  ++*(int *)arg;
}

static void the_ledger_tells_once_and_counts_trials(void **state) {
  (void)state;
  int told = 0;
  struct ledger ledger = {.listener = count_told, .listener_arg = &told};
  struct finding finding = {.kind = FINDING_INVARIANT, .fingerprint = mem_dup("f")};
  for (ledger.at = 1; ledger.at <= 3; ledger.at++) {
    for (int thread = 0; thread < 2; thread++) { /* two threads have it in each trial */
      if (!ledger_seen(&ledger, FINDING_INVARIANT, "f")) {
        ledger_enter(&ledger, &finding);
      }
    }
  }
  assert_int_equal(told, 1);
  assert_int_equal(finding.first_at, 1);
  assert_int_equal(ledger.entries[0].count, 3);
  assert_int_equal(ledger.found, 6);
  finding_free(&finding);
  ledger_free(&ledger);
}

enum { DISTINCT = 8, FINDINGS = 800 };

static void *enter_findings(void *arg) {
  struct shared *shared = arg;
  quiet_gate_arrive(&shared->gate);
  for (int i = 0; i < FINDINGS; i++) {
    struct finding finding = {.kind = FINDING_EXCEPTION, .fingerprint = mem_printf("f%d", i % DISTINCT)};
    if (!ledger_seen(&shared->ledger, finding.kind, finding.fingerprint)) {
      ledger_enter(&shared->ledger, &finding);
    }
    finding_free(&finding);
  }
  return NULL;
}

/* As on a Python without a GIL: nothing orders those who write but a lock that ThreadSanitizer cannot see. */
static void the_ledger_is_whole_from_many_threads(void **state) {
  (void)state;
  int told = 0;
  struct shared shared = {.ledger = {.at = 1, .listener = count_told, .listener_arg = &told}};
  run_threads(&shared, enter_findings);
  assert_int_equal(told, DISTINCT);
  assert_int_equal(shared.ledger.count, DISTINCT);
  assert_int_equal(shared.ledger.found, (long)THREADS * FINDINGS);
  ledger_free(&shared.ledger);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_lock_excludes),
      cmocka_unit_test(the_ledger_tells_once_and_counts_trials),
      cmocka_unit_test(the_ledger_is_whole_from_many_threads),
  };
  return cmocka_run_group_tests_name("quiet", tests, NULL, NULL);
}
