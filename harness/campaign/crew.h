/* A worker as the driver sees it: a child process, its records taken in as they come, its limits, its death. */
#ifndef FF_CAMPAIGN_CREW_H
#define FF_CAMPAIGN_CREW_H

#include "campaign/intake.h"
#include "campaign/places.h"
#include "model/job.h"
#include "model/result.h"
#include "platform/process.h"

struct worker_process {
  struct process process;
  struct intake intake;
  const struct job *job;
  const char *binary;
  double started_at;
  double asked_at;  /* when it was asked to stop (SIGTERM), or 0 */
  double stacks_at; /* when it was asked for its stacks, or 0 */
  bool hung;
  bool alive;
  int status;
};

/* `tsan`: the worker of that Python that is built with it. */
bool worker_start(struct worker_process *worker, const struct python *python, bool tsan, const struct job *job,
                  struct run *run, struct err *err);

/* Reads what there is, and enforces the limits. False once it has ended and been read to the end. */
bool worker_tend(struct worker_process *worker, double hang_after, bool stop);

void worker_free(struct worker_process *worker);

/* Death and hang become findings of the run. After worker_tend() returned false. */
void worker_judge_death(struct worker_process *worker, bool stopped);

#endif
