/* The `pthread` carrier: a real OS thread for each logical one; released together, or one at a time by a baton. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "carrier/carrier.h"
#include "platform/mem.h"
#include "platform/quiet.h"

struct start {
  const struct carrier_body *body;
  struct quiet_gate *gate;
  const bool *called_off; /* relaxed: never a race, never an edge */
};

static void *thread_main(void *arg) {
  struct start *start = arg;
  const struct carrier_body *body = start->body;
  body->prepare(body->arg);
  quiet_gate_arrive(start->gate);
  if (!__atomic_load_n(start->called_off, __ATOMIC_RELAXED)) {
    body->run(body->arg);
  }
  body->finish(body->arg);
  return NULL;
}

/* Starting and joining are happens-before edges to ThreadSanitizer, as they are in the program under test; the gate
 * between them is none, so what the bodies do stays unordered. */
static bool pthread_run(const struct carrier_body *bodies, size_t count, struct err *err) {
  pthread_t *threads = mem_alloc(count * sizeof *threads);
  struct start *starts = mem_alloc(count * sizeof *starts);
  struct quiet_gate gate = {0};
  bool called_off = false;
  size_t started = 0;
  for (; started < count; started++) {
    starts[started] = (struct start){&bodies[started], &gate, &called_off};
    errno = pthread_create(&threads[started], NULL, thread_main, &starts[started]);
    if (errno != 0) {
      err_errno(err, ERR_HARNESS, "cannot start thread %zu of %zu; try fewer --threads", started + 1, count);
      __atomic_store_n(&called_off, true, __ATOMIC_RELAXED);
      break;
    }
  }
  quiet_gate_open(&gate, (uint32_t)started);
  for (size_t i = 0; i < started; i++) {
    pthread_join(threads[i], NULL);
  }
  free(starts);
  free(threads);
  return !called_off;
}

struct strand {
  struct quiet_baton baton;
  void (*body)(void *arg);
  void *arg;
};

static void *strand_main(void *arg) {
  struct strand *strand = arg;
  quiet_baton_wait(&strand->baton);
  strand->body(strand->arg);
  abort(); /* carrier.h: a body must not return */
}

static struct strand *pthread_adopt(struct err *err) {
  (void)err;
  return mem_alloc(sizeof(struct strand));
}

static struct strand *pthread_start(void (*body)(void *arg), void *arg, struct err *err) {
  pthread_t thread;
  struct strand *strand = mem_alloc(sizeof *strand);
  *strand = (struct strand){.body = body, .arg = arg};
  errno = pthread_create(&thread, NULL, strand_main, strand);
  if (errno != 0) {
    err_errno(err, ERR_HARNESS, "cannot start a thread");
    free(strand);
    return NULL;
  }
  pthread_detach(thread);
  return strand;
}

static void pthread_hand_over(struct strand *from, struct strand *to) {
  quiet_baton_pass(&to->baton);
  quiet_baton_wait(&from->baton);
}

static const struct carrier pthread_carrier = {
    .name = "pthread",
    .summary = "a real OS thread for each logical thread, the real GIL",
    .run = pthread_run,
    .adopt = pthread_adopt,
    .start = pthread_start,
    .hand_over = pthread_hand_over,
};
REGISTRY_ADD(carriers, struct carrier, pthread_carrier);
