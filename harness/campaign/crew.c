#include "campaign/crew.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "platform/clock.h"
#include "platform/mem.h"

enum { LOG_KEPT = 16 * 1024, STACKS_KEPT = 256 * 1024 }; /* bytes: one that floods must not fill our memory */

#define START_SECONDS 30.0 /* for import and set-up, or --hang-after where that is more */
#define STACKS_SECONDS 1.0 /* a hanging worker has that long to write its stacks */
#define GRACE_SECONDS 3.0  /* and a stopped one that long to end its trial */
#define OVERTIME_SECONDS 60.0
#define DRAIN_SECONDS 5.0 /* for a pipe that somebody else has kept open */

/* Where schedules are to run the same again, what hangs on addresses has to: the order of a set of objects, say. */
static bool is_stress(const struct job *job) { return !job->engine || strcmp(job->engine, "stress") == 0; }

bool worker_start(struct worker_process *worker, const struct python *python, bool tsan, const struct job *job,
                  struct run *run, struct err *err) {
  struct strlist argv = {0};
  const char *binary = tsan ? python->tsan_worker : python->worker;
  bool fixed = tsan || python->instrumented || !is_stress(job);
  char *suppressions = python->suppressions ? mem_printf("suppressions='%s'", python->suppressions) : NULL;
  char *text = job_to_json(job);
  bool ok = text != NULL || err_set(err, ERR_USAGE, "a path of this job is not UTF-8; rename it");
  if (ok) {
    strlist_add(&argv, binary);
    strlist_add(&argv, text);
    struct process_spec spec = {.argv = &argv, .extra = true, .tsan_options = suppressions, .fixed_addresses = fixed};
    *worker = (struct worker_process){.job = job, .binary = binary, .intake.run = run};
    ok = process_start(&spec, &worker->process, err);
  }
  worker->started_at = worker->intake.heard_at = clock_now();
  worker->alive = ok;
  free(suppressions);
  free(text);
  strlist_free(&argv);
  return ok;
}

static void keep_end(struct buf *buf, size_t kept) {
  if (buf->len > 2 * kept) {
    buf_drop_front(buf, buf->len - kept);
  }
}

static void read_all(struct worker_process *worker) {
  struct intake *intake = &worker->intake;
  process_read(&worker->process, PROCESS_OUT, &intake->log);
  process_read(&worker->process, PROCESS_ERR, &intake->log);
  process_read(&worker->process, PROCESS_STACKS, &intake->stacks);
  process_read(&worker->process, PROCESS_RECORDS, &intake->line);
  keep_end(&intake->log, LOG_KEPT);
  keep_end(&intake->stacks, STACKS_KEPT);
  intake_records(intake);
}

/* A worker that says nothing hangs: it is asked where it is, and then killed. */
static void watch_for_hang(struct worker_process *worker, double now, double hang_after) {
  double limit = worker->intake.ready || hang_after > START_SECONDS ? hang_after : START_SECONDS;
  double budget = worker->job->seconds;
  bool silent = now - worker->intake.heard_at > limit;
  bool overtime = budget > 0 && now - worker->started_at > budget + START_SECONDS + OVERTIME_SECONDS + hang_after;
  if (worker->stacks_at > 0) {
    if (now - worker->stacks_at > STACKS_SECONDS) {
      process_kill(&worker->process);
    }
  } else if (silent || overtime) {
    worker->hung = true;
    worker->stacks_at = now;
    process_signal(&worker->process, SIGUSR1);
  }
}

static void ask_to_stop(struct worker_process *worker, double now) {
  if (worker->asked_at <= 0) {
    worker->asked_at = now;
    process_signal(&worker->process, SIGTERM);
  } else if (now - worker->asked_at > GRACE_SECONDS) {
    process_kill(&worker->process);
  }
}

bool worker_tend(struct worker_process *worker, double hang_after, bool stop) {
  double now = clock_now();
  read_all(worker);
  if (worker->alive && process_ended(&worker->process, &worker->status)) {
    worker->alive = false;
  }
  if (worker->alive) {
    if (stop) {
      ask_to_stop(worker, now);
    }
    watch_for_hang(worker, now, hang_after);
    return true;
  }
  double since = clock_now();
  while (process_has_open_pipes(&worker->process) && clock_now() - since < DRAIN_SECONDS) {
    read_all(worker); /* what it wrote before it ended */
    since = worker->intake.heard_at > since ? worker->intake.heard_at : since;
  }
  return false;
}

void worker_free(struct worker_process *worker) {
  if (worker->alive) {
    process_kill(&worker->process);
  }
  process_close(&worker->process);
  intake_free(&worker->intake);
}
