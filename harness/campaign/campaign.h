/* A campaign: targets x scenarios x engines, planned, run by workers, graded once.
 *
 * Nothing is written and no worker runs a trial before the whole plan is known to be sound. */
#ifndef FF_CAMPAIGN_CAMPAIGN_H
#define FF_CAMPAIGN_CAMPAIGN_H

#include "campaign/engine.h"
#include "campaign/places.h"
#include "model/result.h"

#define CAMPAIGN_HANG_AFTER 30.0 /* seconds, where nothing else is asked for */

/* What the engine that chooses its schedules is told. */
struct explore_options {
  char *strategy; /* a name of strategies_find(), or "auto" */
  char *carrier;  /* "fiber" or "pthread"; of replay too */
  char *points;   /* "gil" or "bytecode" */
  uint64_t schedules;
  int64_t preemptions; /* -1: no bound */
  bool preemptions_given;
  uint64_t depth; /* 0: the strategy's choice */
  bool verify;
  bool confirm;
  char *resume; /* a file, or NULL */
};

struct replay_options {
  char *file;        /* as it was asked for */
  char *text;        /* what stands in it */
  char *fingerprint; /* of the finding that it was made for */
  uint64_t times;
};

/* A campaign over the releases of the scenarios' packages: what cannot be run is a cell that says why, and what was run
 * is kept, so that it need not be run again (campaign/cells.h). */
struct matrix_options {
  bool on;
  bool bisects;           /* releases are tried one after the other, as few as will do */
  char *releases;         /* a specifier, or "all" */
  struct strlist patches; /* files: each release is tested without and with each */
  bool fresh;             /* what is kept is run again */
};

struct campaign_options {
  char *program; /* flashflood as the user called it: it stands in replay commands */
  struct strlist targets;
  struct strlist scenarios; /* names or paths; empty: all that apply */
  struct strlist pythons;   /* interpreters, or versions; empty: the one that make built first */
  bool engines[ENGINES];    /* those that run */
  uint64_t seed;
  uint64_t threads;       /* 0: the scenario's choice */
  uint64_t trials;        /* of stress; 0: no limit but time */
  double seconds;         /* a run */
  bool seconds_given;     /* else a number of schedules alone limits explore */
  double switch_interval; /* seconds; 0: varied */
  double hang_after;      /* seconds without an ended trial */
  enum tristate tsan;     /* unknown: as the verb has it for each engine */
  bool tsan_by_default[ENGINES];
  char *races;        /* one of RACE_POLICIES */
  bool races_given;   /* then ThreadSanitizer is wanted, unless that is "off" */
  char *suppressions; /* a file, or NULL */
  char *until;        /* a finding kind, or NULL */
  const char *out;    /* the folder of the result, which schedules go into; NULL: the cache */
  struct explore_options explore;
  struct replay_options replay;
  struct matrix_options matrix;
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

bool campaign_tsan(const struct campaign_options *options, enum engine engine);
bool campaign_lifts(const struct campaign_options *options,
                    enum engine engine); /* races of Python code are looked for */
double campaign_seconds(const struct campaign_options *options, enum engine engine); /* 0: no such limit */

/* False: nothing ran, and `err` says why. True: `result` holds a graded run for each job. */
bool campaign_run(const struct campaign_options *options, const struct places *places,
                  const struct campaign_watch *watch, struct result *result, struct err *err);

#endif
