#include "campaign/preflight.h"

#include <stdlib.h>

#include "campaign/crew.h"
#include "platform/interrupt.h"
#include "platform/mem.h"

/* Runs a worker to its end and keeps what was heard. */
static bool run_to_end(struct worker_process *worker, const struct python *python, bool tsan, const struct job *job,
                       struct run *run, double hang_after, struct err *err) {
  if (!worker_start(worker, python, tsan, job, run, err)) {
    return false;
  }
  struct process *one[] = {&worker->process};
  do {
    process_poll(one, 1, 0.05);
  } while (worker_tend(worker, hang_after, interrupt_seen()));
  return !interrupt_seen() || err_set(err, ERR_HARNESS, "interrupted before the first run");
}

static bool load_one(const struct plan *plan, const struct planned *planned, double hang_after, struct err *err) {
  struct job job = planned->job; /* a shallow copy: only the mode differs, and that is not freed */
  job.mode = (char *)(size_t) "load";
  struct run run = {0};
  struct worker_process worker = {0};
  bool ok = run_to_end(&worker, plan_python(plan, planned), false, &job, &run, hang_after, err);
  if (ok && worker.intake.refused) {
    enum err_code code = worker.intake.refused_code == ERR_USAGE ? ERR_USAGE : ERR_HARNESS;
    ok = err_set(err, code, "scenario '%s' on %s: %s", job.name, plan->targets[planned->target].text,
                 worker.intake.refused);
  }
  worker_free(&worker);
  run_free(&run);
  return ok;
}

bool preflight_load(const struct plan *plan, double hang_after, struct err *err) {
  for (size_t i = 0; i < plan->job_count; i++) {
    if (!load_one(plan, &plan->jobs[i], hang_after, err)) {
      return false;
    }
  }
  return true;
}

static struct job self_test(const char *mode, const char *carrier, const char *points, const char *strategy) {
  return (struct job){.mode = mem_dup(mode),
                      .scenario = mem_dup("self-test"),
                      .carrier = mem_dup(carrier),
                      .points = mem_dup(points),
                      .strategy = mem_dup(strategy),
                      .records_fd = PROCESS_RECORDS_FD,
                      .stacks_fd = PROCESS_STACKS_FD};
}

/* How many reports the twin gave, or -1. */
static int count_reports(const struct python *python, const char *mode, struct err *err) {
  struct job job = self_test(mode, "pthread", "free", "none");
  struct run run = {0};
  struct worker_process worker = {0};
  int reports = -1;
  if (run_to_end(&worker, python, true, &job, &run, 60, err)) {
    reports = worker.intake.done ? (int)run.finding_count : -1;
    if (reports < 0) {
      err_set(err, ERR_HARNESS, "the ThreadSanitizer worker %s does not start: %.500s", python->tsan_worker,
              buf_text(&worker.intake.log));
    }
  }
  worker_free(&worker);
  run_free(&run);
  job_free(&job);
  return reports;
}

bool preflight_points(const struct python *python, const char *points, struct err *err) {
  struct job job = self_test("self-test-points", "fiber", points, "random");
  struct run run = {0};
  struct worker_process worker = {0};
  bool ok = run_to_end(&worker, python, false, &job, &run, 60, err);
  if (ok && !worker.intake.done) {
    const char *why = worker.intake.refused ? worker.intake.refused : buf_text(&worker.intake.log);
    ok = err_set(err, ERR_HARNESS, "%.500s", why);
  }
  worker_free(&worker);
  run_free(&run);
  job_free(&job);
  return ok;
}

bool preflight_tsan(const struct python *python, struct err *err) {
  int racy = count_reports(python, "self-test-racy", err);
  int locked = racy >= 0 ? count_reports(python, "self-test-locked", err) : -1;
  if (racy < 0 || locked < 0) {
    return false;
  }
  if (racy == 0) {
    return err_set(err, ERR_HARNESS, "ThreadSanitizer is asleep: its racy twin was not reported; use --no-tsan");
  }
  return locked == 0 || err_set(err, ERR_HARNESS, "ThreadSanitizer reports the locked twin; use --no-tsan");
}

bool preflight_tsan_workers(const struct plan *plan, struct err *err) {
  bool ok = true;
  for (size_t i = 0; ok && i < plan->python_count; i++) {
    bool any = false;
    for (size_t j = 0; j < plan->job_count; j++) {
      any |= plan->jobs[j].tsan && plan_python(plan, &plan->jobs[j]) == &plan->pythons[i];
    }
    ok = !any || preflight_tsan(&plan->pythons[i], err);
  }
  return ok;
}
