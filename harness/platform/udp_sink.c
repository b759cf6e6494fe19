#include "platform/udp_sink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static int port = -1;
static uint64_t received; /* relaxed atomic: a count, it orders nothing */

static void *drain(void *arg) {
  int fd = (int)(intptr_t)arg;
  char datagram[65536];
  for (;;) {
    if (recv(fd, datagram, sizeof datagram, 0) >= 0) {
      __atomic_add_fetch(&received, 1, __ATOMIC_RELAXED);
    } else if (errno != EINTR) {
      return NULL;
    }
  }
}

static bool start_drain(int fd) {
  sigset_t all, before;
  pthread_t thread;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for the threads of the program under test */
  bool ok = pthread_create(&thread, NULL, drain, (void *)(intptr_t)fd) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (ok) {
    pthread_detach(thread);
  }
  return ok;
}

static bool open_sink(struct err *err) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &size) != 0 || !start_drain(fd)) {
    err_errno(err, ERR_HARNESS, "cannot open a UDP socket on 127.0.0.1");
    if (fd >= 0) {
      close(fd);
    }
    return false;
  }
  port = ntohs(address.sin_port);
  return true;
}

int udp_sink_port(struct err *err) {
  pthread_mutex_lock(&opening);
  int result = port >= 0 || open_sink(err) ? port : -1;
  pthread_mutex_unlock(&opening);
  return result;
}

uint64_t udp_sink_received(void) { return __atomic_load_n(&received, __ATOMIC_RELAXED); }
