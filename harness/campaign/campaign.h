/* A campaign: targets x scenarios under an engine, planned, run by workers, graded once.
 *
 * Nothing is written and no worker runs a trial before the whole plan is known to be sound. */
#ifndef FF_CAMPAIGN_CAMPAIGN_H
#define FF_CAMPAIGN_CAMPAIGN_H

#include "campaign/places.h"
#include "model/result.h"

#define CAMPAIGN_HANG_AFTER 30.0 /* seconds, where nothing else is asked for */

struct campaign_options {
  char *program; /* flashflood as the user called it: it stands in replay commands */
  struct strlist targets;
  struct strlist scenarios; /* names or paths; empty: all that apply */
  char *python;             /* an interpreter, or NULL */
  const char *engine;       /* "stress" */
  uint64_t seed;
  uint64_t threads;       /* 0: the scenario's choice */
  uint64_t trials;        /* 0: no limit but time */
  double seconds;         /* a run */
  double switch_interval; /* seconds; 0: varied */
  double hang_after;      /* seconds without an ended trial */
  bool tsan;
  char *until; /* a finding kind, or NULL */
  int jobs;
  bool expect_known;
};

/* What happens, as it happens; any member may be NULL. Called on the driver's one thread. */
struct campaign_watch {
  void *arg;
  void (*say)(void *arg, const char *line);                              /* fetching, preparing */
  void (*planned)(void *arg, size_t runs, double seconds);               /* of all runs together */
  void (*progress)(void *arg, const struct result *result, double done); /* 0 to 1; several times a second */
  void (*run_ended)(void *arg, const struct run *run);
};

/* False: nothing ran, and `err` says why. True: `result` holds a graded run for each job. */
bool campaign_run(const struct campaign_options *options, const struct places *places,
                  const struct campaign_watch *watch, struct result *result, struct err *err);

/* The exit code for a result. */
int campaign_exit_code(const struct result *result);

#endif
