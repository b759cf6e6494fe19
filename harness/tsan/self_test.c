#include "tsan/self_test.h"

#include <pthread.h>

struct shared {
  long total;
  pthread_mutex_t lock;
  bool locked;
};

static void nothing(void *arg) { (void)arg; }

/* Kept out of line, so that the report names it. */
__attribute__((noinline)) static void add_one(struct shared *shared) { shared->total++; }

static void work(void *arg) {
  struct shared *shared = arg;
  for (int i = 0; i < 100; i++) {
    if (shared->locked) {
      pthread_mutex_lock(&shared->lock);
    }
    add_one(shared);
    if (shared->locked) {
      pthread_mutex_unlock(&shared->lock);
    }
  }
}

bool self_test_run(const struct carrier *carrier, bool locked, struct err *err) {
  struct shared shared = {.lock = PTHREAD_MUTEX_INITIALIZER, .locked = locked};
  struct carrier_body body = {.prepare = nothing, .run = work, .finish = nothing, .arg = &shared};
  struct carrier_body bodies[] = {body, body};
  return carrier->run(bodies, sizeof bodies / sizeof *bodies, err);
}
