/* A data race of Python code: two or three accesses of one place, of which at least one writes, and nothing that the
 * program does orders them. What a finding of kind data-race has beside what all findings have; a report of
 * ThreadSanitizer about native code has none of it (docs/races.md).
 *
 * Strings are owned by the struct that holds them, NULL where there is nothing to say. Threading: one thread at a
 * time. */
#ifndef FF_MODEL_RACE_H
#define FF_MODEL_RACE_H

#include <stddef.h>
#include <stdint.h>

#include "platform/buf.h"

#define RACE_BY_LANGUAGE "language" /* `reachable` of a race that does no harm on this interpreter */

struct race_access {
  char *thread;         /* the logical thread that made it */
  char *started;        /* where that was started: "an actor of the scenario", "a.py:210 in StreamProcessor.run" */
  char *operation;      /* "read" or "write" */
  char *function;       /* the qualified name of the innermost one */
  char *file;           /* relative to the target */
  uint64_t line;        /* 0: not known */
  struct strlist stack; /* "a.py:131 in MetricsBuffer.flush", innermost first */
};

struct race {
  char *container; /* what holds the place: "MetricsBuffer.__counters"; NULL: no name for it */
  char *key;       /* in it, as Python writes it; NULL: its size and order, or an attribute that `container` names */
  char *effect;    /* what this interpreter does with it: one of RACE_EFFECTS; NULL: nothing, or not known */
  struct race_access *accesses; /* in order of time */
  size_t access_count;
  char *report;      /* ThreadSanitizer's text */
  char *report_file; /* where that is kept: relative to the result, or as a path where no folder was asked for */
};

extern const char *const RACE_EFFECTS[];    /* NULL-terminated */
extern const char *const RACE_OPERATIONS[]; /* NULL-terminated */

/* Zeroed, and valid until the next add. */
struct race_access *race_add_access(struct race *race);
void race_free(struct race *race); /* `race` itself is freed too; NULL does nothing */

#endif
