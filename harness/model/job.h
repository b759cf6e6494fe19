/* A job: one scenario of one target under one engine, as the driver hands it to a worker.
 *
 * It crosses the exec as one JSON text, the worker's only argument, so that a run can be done again by hand:
 * `flashflood-worker '{"mode": "run", …}'`. Strings are owned by the struct. */
#ifndef FF_MODEL_JOB_H
#define FF_MODEL_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/buf.h"
#include "platform/err.h"

struct job {
  char *mode;           /* "run"; "load": import and set up, then stop; "self-test-racy", -"locked", -"points" */
  char *scenario;       /* the file */
  char *name;           /* its name */
  char *package;        /* import name of the package under test: frames in it are "where" a finding is */
  char *target;         /* the code under test, as it was asked for: it stands in schedules */
  struct strlist paths; /* put before the standard library in sys.path */
  char *engine;         /* "stress", "explore" or "replay" */
  char *carrier;        /* "pthread" or "fiber" */
  char *points;         /* "free", "gil" or "bytecode" */
  char *strategy;       /* "none"; a name of strategies_find(), or "auto": the worker's choice */
  uint64_t seed;
  uint64_t threads;       /* actor threads a trial; 0: as many as the scenario has actors, at least */
  double seconds;         /* budget, wall clock; 0: no such limit */
  uint64_t trials;        /* budget of trials or schedules; replay: how often; 0: no such limit */
  double switch_interval; /* seconds, as sys.setswitchinterval takes them; 0: varied from trial to trial */
  char *until;            /* a finding kind that ends the run at once, or NULL */
  int64_t preemptions;    /* explore: the bound; -1: none */
  bool preemptions_given; /* false: the strategy's own plan */
  int depth;              /* pct: of the bugs that it looks for; 0: its own choice */
  uint64_t step_limit;    /* switch points in a schedule that then counts as one that does not end; 0: the default */
  bool verify;            /* run each schedule twice and tell of any difference */
  bool confirm;           /* replay what was found under "gil" on real threads */
  bool lift;              /* under ThreadSanitizer: tell it what Python does, so that it sees races of Python code */
  char *resume;           /* exhaustive: a file that keeps what was done, from run to run, or NULL */
  char *schedule;         /* replay: the text of a .flood file, or NULL */
  int records_fd;         /* where records go; -1: standard output */
  int stacks_fd;          /* where faulthandler writes; -1: standard error */
};

char *job_to_json(const struct job *job); /* the caller's */
bool job_from_json(const char *text, struct job *job, struct err *err);
void job_free(struct job *job);

#endif
