#include "platform/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t seen; /* a handler has nowhere else to write */

static void note(int signal_number) {
  if (seen) {
    _exit(128 + signal_number);
  }
  seen = 1;
}

void interrupt_watch(void) {
  struct sigaction action = {.sa_handler = note}; /* no SA_RESTART: poll() shall end */
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
}

bool interrupt_seen(void) { return seen != 0; }
