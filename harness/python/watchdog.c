#include "python/python.h"

#include "python/watchdog.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "python/sched.h"

/* Real seconds; nothing but the moment when counting begins depends on them. */
static void *watch(void *unused) {
  (void)unused;
  uint64_t before = 0;
  for (;;) {
    sleep(1);
    uint64_t now = sched_schedule_number();
    if (now == before) {
      sched_watch_closely();
    }
    before = now;
  }
  return NULL;
}

bool watchdog_start(struct err *err) {
  pthread_t thread;
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &old); /* signals are the main thread's */
  errno = pthread_create(&thread, NULL, watch, NULL);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  if (errno != 0) {
    return err_errno(err, ERR_HARNESS, "cannot start the watchdog's thread");
  }
  pthread_detach(thread);
  return true;
}
