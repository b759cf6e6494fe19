/* The result model: what a campaign found. The one thing that reports read.
 *
 * Written to result.json (docs/result.schema.json) before any report is rendered, and read back by
 * `flashflood report`. Strings are UTF-8, owned by the struct that holds them, NULL where there is nothing to
 * say. Threading: one thread at a time. */
#ifndef FF_MODEL_RESULT_H
#define FF_MODEL_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/bisection.h"
#include "model/matrix.h"
#include "model/race.h"
#include "platform/buf.h"

#define RESULT_SCHEMA 1 /* goes up when a reader of an older result could misread a newer one */

/* What counts as wrong: the oracles. The names, in this order, are in model/names.c. */
enum finding_kind {
  FINDING_DICT_CHANGED_SIZE, /* RuntimeError: dictionary changed size (or keys changed) during iteration */
  FINDING_EXCEPTION,         /* any other exception that an actor or a thread of the target let out */
  FINDING_INVARIANT,         /* an invariant of the scenario did not hold after its actors had ended */
  FINDING_DEADLOCK,          /* every thread waits, none with a deadline */
  FINDING_HANG,              /* a trial did not end within its limit */
  FINDING_CRASH,             /* the worker's process died */
  FINDING_DATA_RACE,         /* of Python code (`race`), or ThreadSanitizer's report of native code */
  FINDING_KINDS,
};

enum verdict {
  VERDICT_PASS,         /* all actors reached, nothing found that fails a run (model/verdict.h) */
  VERDICT_FAIL,         /* at least one finding that does */
  VERDICT_INCONCLUSIVE, /* nothing found, and not enough was covered to call that a pass: `why` says */
};

enum tristate { TRI_UNKNOWN = -1, TRI_FALSE = 0, TRI_TRUE = 1 };

/* What a thread did at one line of the code under test, in the schedule that a finding was shrunk to. */
struct step {
  char *thread;
  char *function; /* its qualified name */
  char *file;     /* relative to the target */
  uint64_t line;  /* 0: not known */
  char *source;   /* the line's text, or NULL */
  bool switched;  /* after it control was taken from the thread, which could have gone on */
};

struct finding {
  enum finding_kind kind;
  char *message;           /* one line or more: "RuntimeError: dictionary changed size during iteration" */
  char *actor;             /* which logical thread: an actor's name, or "thread <qualified name of its body>" */
  char *where;             /* "arroyo/processing/processor.py:157 in MetricsBuffer.flush" */
  char *traceback;         /* Python's, with paths relative to the target; or TSan's text; or all threads' stacks */
  uint64_t count;          /* in how many trials or schedules */
  uint64_t first_at;       /* the first of them, counted from 1; 0: not known */
  char *reachable;         /* under which switch points it was produced: "gil" or "bytecode"; RACE_BY_LANGUAGE */
  enum tristate confirmed; /* produced by real threads on the stock interpreter */
  int64_t switches;        /* of the shrunk schedule; -1 where there is no schedule */
  char *schedule;          /* its file: relative to the result, or as a path where no folder was asked for */
  struct step *steps;      /* of that schedule, in the order in which they were made */
  size_t step_count;
  struct race *race; /* of a data race of Python code; NULL: none */
  char *replay;      /* the command that runs that schedule again */
  char *fingerprint; /* model/fingerprint.h */
};

struct coverage_actor {
  char *name;
  uint64_t threads; /* logical threads that ran it, in each trial */
  uint64_t calls;   /* calls that came to an end, over all trials */
};

struct coverage_point {
  char *name; /* as the scenario's must_reach names it */
  uint64_t count;
};

/* What a pass covered, and what it did not. */
struct coverage {
  struct coverage_actor *actors;
  size_t actor_count;
  struct coverage_point *reached;
  size_t reached_count;
  char *control;         /* "passed", "failed", or NULL where it did not run */
  struct strlist notes;  /* sentences: what escaped, what was not controlled, what outlived a trial */
  uint64_t peak_rss_kib; /* the worker's largest resident set, KiB; 0 unknown */
};

/* What the scenario's table says of this release. `outcome` NULL: it says nothing. */
struct expectation {
  char *outcome; /* "pass" or "fail" */
  bool must[FINDING_KINDS];
  bool may[FINDING_KINDS];
  char *because;
  enum tristate met; /* set by grading */
  char *unmet;       /* how the outcome differs, where it does */
};

/* What became of a schedule that was run again. `outcome` NULL: that was not what the run was for. */
struct replayed {
  char *outcome; /* one of REPLAY_OUTCOMES */
  int64_t line;  /* of the schedule file, where it diverged; -1: no such line */
  char *detail;
};

extern const char *const REPLAY_OUTCOMES[]; /* NULL-terminated: "fails the same", … (model/record.h) */

/* Data races in a run. A race by the language alone breaks the rules of Python and does no harm on this interpreter;
 * one by the interpreter does; native ones are ThreadSanitizer's reports of what is not Python. */
struct race_tally {
  bool looked_for;   /* ThreadSanitizer was told what Python did */
  char *policy;      /* one of RACE_POLICIES; NULL is the first */
  uint64_t language; /* findings; these three are set by grading */
  uint64_t interpreter;
  uint64_t native;
  uint64_t suppressed; /* races that a suppression took for none: they are no findings */
};

/* NULL-terminated. "show": those by the language do not fail a run; "fail": all do; "off": they are not looked for. */
extern const char *const RACE_POLICIES[];

/* One scenario of one target under one engine. */
struct run {
  char *scenario;
  char *summary; /* first line of the scenario's docstring */
  char *target;  /* as it was asked for */
  char *release; /* "2.36.0"; NULL for a checkout without a version */
  struct strlist patches;
  char *python;        /* "CPython 3.11.2 (main, …) [GCC 12.2.0]" */
  char *python_tag;    /* "cpython-3.11.2": which of the Pythons of a matrix it ran on */
  char *python_binary; /* the interpreter it was built for */
  char *engine;        /* "stress", "explore" or "replay" */
  char *carrier;
  char *points;
  char *strategy;
  uint64_t seed;
  uint64_t threads;
  bool tsan;
  uint64_t schedules;  /* trials, under stress */
  uint64_t operations; /* calls of actors */
  double seconds;
  char *claim;   /* explore: what may be said of the schedules that were run, a sentence */
  int64_t bound; /* every schedule with up to so many preemptions was run; -1: no such bound */
  bool complete; /* every schedule was run, or one that is equivalent to it */
  struct coverage coverage;
  enum verdict verdict;
  char *why; /* the reason, where the verdict is inconclusive */
  struct expectation expected;
  struct replayed replayed;
  struct race_tally races;
  struct finding *findings;
  size_t finding_count;
  char *replay; /* the one command that does this run again */
};

/* One line of --suppressions: races that are known, and why they are none to fix. */
struct suppression {
  char *what; /* "container", "function" or "file" */
  char *pattern;
  char *reason;
  uint64_t line; /* of the file */
  uint64_t used; /* how many races it matched, over all runs */
};

struct result {
  char *tool;        /* "flashflood 0.1.0" */
  char *command;     /* the command line, quoted for a shell */
  char *platform;    /* "Linux 6.1 x86_64, 2 cores" */
  bool cut_short;    /* ended by SIGINT or SIGTERM before all runs were done */
  bool expect_known; /* graded with --expect known: an expected failure does not fail the build */
  struct suppression *suppressions;
  size_t suppression_count;
  struct matrix *matrix; /* NULL: it is none */
  struct bisection *bisection;
  struct run *runs;
  size_t run_count;
};

const char *finding_kind_name(enum finding_kind kind);
bool finding_kind_parse(const char *name, enum finding_kind *kind);
const char *verdict_name(enum verdict verdict);
bool verdict_parse(const char *name, enum verdict *verdict);

/* These add a zeroed element (finding: confirmed unknown, switches -1; run: bound -1) and return it; valid until the
 * next add. */
struct run *result_add_run(struct result *result);
struct finding *run_add_finding(struct run *run);
struct step *finding_add_step(struct finding *finding);
struct finding *run_find(struct run *run, const char *fingerprint);
struct suppression *result_add_suppression(struct result *result);
void coverage_set_actor(struct coverage *coverage, const char *name, uint64_t threads, uint64_t calls);
void coverage_set_reached(struct coverage *coverage, const char *name, uint64_t count);

void finding_drop_steps(struct finding *finding);
void finding_free(struct finding *finding);
void run_free(struct run *run);
void result_free(struct result *result);

#endif
