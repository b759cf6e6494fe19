#include "platform/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/mem.h"

enum { READS_MOST = 16 }; /* of 64 KiB, before the caller may drop what it does not keep */

struct ends {
  int read[PROCESS_PIPES];
  int write[PROCESS_PIPES];
  int input;
  int failed_read; /* carries errno of an exec that failed; closed by one that did not */
  int failed_write;
};

static void close_if_open(int *fd) {
  if (*fd >= 0) {
    close(*fd);
    *fd = -1;
  }
}

static void close_all(struct ends *ends, bool reading) {
  for (int i = 0; i < PROCESS_PIPES; i++) {
    close_if_open(&ends->write[i]);
    if (reading) {
      close_if_open(&ends->read[i]);
    }
  }
  close_if_open(&ends->input);
  close_if_open(&ends->failed_write);
  close_if_open(&ends->failed_read);
}

static bool open_pipe(int *read_end, int *write_end) {
  int both[2];
  if (pipe2(both, O_CLOEXEC) != 0) {
    return false;
  }
  *read_end = both[0];
  *write_end = both[1];
  return true;
}

static bool open_ends(const struct process_spec *spec, struct ends *ends) {
  memset(ends, -1, sizeof *ends); /* every descriptor -1 */
  for (int i = 0; i < (spec->extra ? PROCESS_PIPES : PROCESS_RECORDS); i++) {
    if (!open_pipe(&ends->read[i], &ends->write[i])) {
      return false;
    }
    fcntl(ends->read[i], F_SETFL, O_NONBLOCK);
  }
  ends->input = memfd_create("input", MFD_CLOEXEC);
  const char *input = spec->input ? spec->input : "";
  size_t len = strlen(input);
  return ends->input >= 0 && write(ends->input, input, len) == (ssize_t)len && lseek(ends->input, 0, SEEK_SET) == 0 &&
         open_pipe(&ends->failed_read, &ends->failed_write);
}

/* Puts our descriptors on 0 to 4. First out of that range, so that none is overwritten before it is used. */
static void arrange_descriptors(struct ends *ends) {
  int wanted[] = {ends->input, ends->write[PROCESS_OUT], ends->write[PROCESS_ERR], ends->write[PROCESS_RECORDS],
                  ends->write[PROCESS_STACKS]};
  enum { WANTED = sizeof wanted / sizeof *wanted };
  for (int i = 0; i < WANTED; i++) {
    wanted[i] = wanted[i] >= 0 ? fcntl(wanted[i], F_DUPFD_CLOEXEC, WANTED + 1) : -1;
  }
  ends->failed_write = fcntl(ends->failed_write, F_DUPFD_CLOEXEC, WANTED + 1);
  for (int i = 0; i < WANTED; i++) {
    if (wanted[i] >= 0) {
      dup2(wanted[i], i);
    }
  }
}

static void forget_python_variables(void) {
  for (char **entry = environ; entry && *entry;) {
    if (strncmp(*entry, "PYTHON", 6) == 0) {
      char *name = mem_dupn(*entry, strcspn(*entry, "="));
      unsetenv(name);
      free(name);
      entry = environ; /* unsetenv() moves the rest */
    } else {
      entry++;
    }
  }
}

static void add_tsan_options(const char *options) {
  const char *inherited = getenv("TSAN_OPTIONS");
  char *both = mem_printf("%s%s%s", options, inherited ? ":" : "", inherited ? inherited : "");
  setenv("TSAN_OPTIONS", both, 1);
  free(both);
}

static void become(const struct process_spec *spec, struct ends *ends, char **argv, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(127); /* it died before the line above */
  }
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  forget_python_variables();
  if (spec->tsan_options) {
    add_tsan_options(spec->tsan_options);
  }
  arrange_descriptors(ends);
  if (spec->fixed_addresses) {
    personality(ADDR_NO_RANDOMIZE);
  }
  execv(argv[0], argv);
  int error = errno;
  if (write(ends->failed_write, &error, sizeof error) < 0) {
    _exit(126);
  }
  _exit(127);
}

bool process_start(const struct process_spec *spec, struct process *process, struct err *err) {
  struct ends ends;
  char **argv = strlist_argv(spec->argv);
  bool ok = false;
  *process = (struct process){.pipes = {-1, -1, -1, -1}};
  if (!open_ends(spec, &ends)) {
    err_errno(err, ERR_HARNESS, "cannot open pipes for %s", argv[0]);
    goto cleanup;
  }
  pid_t parent = getpid();
  process->pid = fork();
  if (process->pid == 0) {
    become(spec, &ends, argv, parent);
  }
  if (process->pid < 0) {
    err_errno(err, ERR_HARNESS, "cannot start %s", argv[0]);
    goto cleanup;
  }
  setpgid(process->pid, process->pid); /* as the child does: whoever is first */
  close_if_open(&ends.failed_write);
  int error = 0;
  if (read(ends.failed_read, &error, sizeof error) > 0) {
    waitpid(process->pid, NULL, 0);
    errno = error;
    err_errno(err, ERR_HARNESS, "cannot run %s", argv[0]);
    goto cleanup;
  }
  memcpy(process->pipes, ends.read, sizeof process->pipes);
  ok = true;
cleanup:
  close_all(&ends, !ok);
  free(argv);
  return ok;
}

bool process_read(struct process *process, int which, struct buf *out) {
  char chunk[65536];
  int *fd = &process->pipes[which];
  for (int reads = 0; *fd >= 0 && reads < READS_MOST; reads++) { /* one that floods must not keep us here */
    ssize_t got = read(*fd, chunk, sizeof chunk);
    if (got > 0) {
      buf_add(out, chunk, (size_t)got);
      if (got < (ssize_t)sizeof chunk) {
        break; /* what is left comes with the next poll */
      }
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      close_if_open(fd);
    } else {
      break;
    }
  }
  return *fd >= 0;
}

bool process_has_open_pipes(const struct process *process) {
  for (int i = 0; i < PROCESS_PIPES; i++) {
    if (process->pipes[i] >= 0) {
      return true;
    }
  }
  return false;
}

void process_poll(struct process *const *processes, size_t count, double seconds) {
  struct pollfd *fds = mem_alloc(count * PROCESS_PIPES * sizeof *fds);
  nfds_t used = 0;
  for (size_t i = 0; i < count; i++) {
    for (int j = 0; j < PROCESS_PIPES; j++) {
      if (processes[i]->pipes[j] >= 0) {
        fds[used++] = (struct pollfd){.fd = processes[i]->pipes[j], .events = POLLIN};
      }
    }
  }
  poll(fds, used, (int)(seconds * 1000)); /* a signal ends it early: the caller looks at its flags */
  free(fds);
}

void process_signal(const struct process *process, int signal_number) {
  if (process->pid > 0) {
    kill(process->pid, signal_number);
  }
}

void process_kill(const struct process *process) {
  if (process->pid > 0) {
    kill(-process->pid, SIGKILL);
  }
}

bool process_ended(struct process *process, int *status) {
  if (waitpid(process->pid, status, WNOHANG) != process->pid) {
    return false;
  }
  process_kill(process); /* grandchildren hold our pipes open */
  process->pid = 0;
  return true;
}

void process_close(struct process *process) {
  for (int i = 0; i < PROCESS_PIPES; i++) {
    close_if_open(&process->pipes[i]);
  }
}

char *process_describe_status(int status) {
  if (WIFSIGNALED(status)) {
    return mem_printf("signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
  }
  return mem_printf("exit status %d", WEXITSTATUS(status));
}
