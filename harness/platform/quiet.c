#include "platform/quiet.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ThreadSanitizer's own: accesses and synchronisation of this thread are passed over in between. Weak, because the same
 * file is linked into builds without it. */
__attribute__((weak)) void AnnotateIgnoreReadsBegin(const char *file, int line);
__attribute__((weak)) void AnnotateIgnoreReadsEnd(const char *file, int line);
__attribute__((weak)) void AnnotateIgnoreWritesBegin(const char *file, int line);
__attribute__((weak)) void AnnotateIgnoreWritesEnd(const char *file, int line);
__attribute__((weak)) void AnnotateIgnoreSyncBegin(const char *file, int line);
__attribute__((weak)) void AnnotateIgnoreSyncEnd(const char *file, int line);

static void futex_wait(uint32_t *word, uint32_t while_it_is) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, while_it_is, NULL, NULL, 0);
}

static void futex_wake(uint32_t *word, int how_many) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, how_many, NULL, NULL, 0);
}

static uint32_t load(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }

void quiet_gate_arrive(struct quiet_gate *gate) {
  __atomic_add_fetch(&gate->arrived, 1, __ATOMIC_SEQ_CST);
  futex_wake(&gate->arrived, 1);
  while (!load(&gate->open)) {
    futex_wait(&gate->open, 0);
  }
}

void quiet_gate_open(struct quiet_gate *gate, uint32_t expected) {
  for (uint32_t now; (now = load(&gate->arrived)) < expected;) {
    futex_wait(&gate->arrived, now);
  }
  __atomic_store_n(&gate->open, 1, __ATOMIC_SEQ_CST);
  futex_wake(&gate->open, INT_MAX);
}

void quiet_baton_pass(struct quiet_baton *baton) {
  __atomic_store_n(&baton->here, 1, __ATOMIC_SEQ_CST);
  futex_wake(&baton->here, 1);
}

void quiet_baton_wait(struct quiet_baton *baton) {
  while (!__atomic_exchange_n(&baton->here, 0, __ATOMIC_SEQ_CST)) {
    futex_wait(&baton->here, 0);
  }
}

/* Drepper, "Futexes are tricky": 0 free, 1 held, 2 held with somebody waiting. */
void quiet_lock(struct quiet_lock *lock) {
  uint32_t was = 0;
  if (__atomic_compare_exchange_n(&lock->state, &was, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    return;
  }
  while (__atomic_exchange_n(&lock->state, 2, __ATOMIC_SEQ_CST) != 0) {
    futex_wait(&lock->state, 2);
  }
}

void quiet_unlock(struct quiet_lock *lock) {
  if (__atomic_exchange_n(&lock->state, 0, __ATOMIC_SEQ_CST) == 2) {
    futex_wake(&lock->state, 1);
  }
}

void quiet_enter(struct quiet_lock *lock) {
  quiet_lock(lock);
  if (AnnotateIgnoreSyncBegin) {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
    AnnotateIgnoreSyncBegin(__FILE__, __LINE__);
  }
}

void quiet_leave(struct quiet_lock *lock) {
  if (AnnotateIgnoreSyncEnd) {
    AnnotateIgnoreSyncEnd(__FILE__, __LINE__);
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  }
  quiet_unlock(lock);
}
