/* Child processes. Each is in a process group of its own (a terminal's Ctrl-C does not reach it), dies with its
 * parent, and is killed with all that it started. None sees the caller's PYTHON* variables: they would change which
 * interpreter and which modules a helper script or a worker runs with. */
#ifndef FF_PLATFORM_PROCESS_H
#define FF_PLATFORM_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "platform/buf.h"
#include "platform/err.h"

#define PROCESS_RECORDS_FD 3 /* in the child, where `extra` was asked for */
#define PROCESS_STACKS_FD 4

struct process_spec {
  const struct strlist *argv; /* argv[0] is the program's path */
  const char *input;          /* its standard input; NULL: empty */
  const char *tsan_options;   /* go before those that it inherits in TSAN_OPTIONS, of which the last counts; or NULL */
  bool extra;                 /* two more pipes, on the descriptors above */
  bool fixed_addresses;       /* no address-space randomisation: ThreadSanitizer does not start with much of it */
};

enum { PROCESS_OUT, PROCESS_ERR, PROCESS_RECORDS, PROCESS_STACKS, PROCESS_PIPES };

struct process {
  pid_t pid;
  int pipes[PROCESS_PIPES]; /* reading ends, non-blocking; -1 when closed or never opened */
};

bool process_start(const struct process_spec *spec, struct process *process, struct err *err);

/* Appends what pipe `which` has to say now. Closes it at its end. True while it is open. */
bool process_read(struct process *process, int which, struct buf *out);

bool process_has_open_pipes(const struct process *process);

/* Waits up to `seconds` for something to read on any pipe of any of the processes. */
void process_poll(struct process *const *processes, size_t count, double seconds);

void process_signal(const struct process *process, int signal_number); /* to the process alone */
void process_kill(const struct process *process);                      /* SIGKILL to its whole group */

/* The wait status, once it has ended; false while it runs. Also kills what it left behind in its group. */
bool process_ended(struct process *process, int *status);

void process_close(struct process *process);

/* "exit status 3" or "signal 11 (Segmentation fault)". The caller's. */
char *process_describe_status(int status);

#endif
