/* A campaign over many releases: what its grid is made of beside its runs. */
#ifndef FF_MODEL_MATRIX_H
#define FF_MODEL_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/buf.h"

/* Why no run stands for a cell. The names, in this order, are NOT_RUN_KINDS. */
enum not_run_kind {
  NOT_RUN_APPLIES_NOT, /* the scenario does not apply to the release */
  NOT_RUN_INSTALL,     /* the release cannot be installed on that Python */
  NOT_RUN_IMPORT,      /* or not be imported, or the scenario does not load on it, though it does on another */
  NOT_RUN_PYTHON,      /* no worker was built for that Python */
  NOT_RUN_UNDECIDED,   /* what may go another time, or is the scenario's mistake: the campaign is inconclusive */
};

extern const char *const NOT_RUN_KINDS[]; /* NULL-terminated */

struct not_run {
  char *scenario;
  char *target;
  char *python; /* a tag */
  char *engine; /* NULL: all of them */
  char *kind;   /* one of NOT_RUN_KINDS */
  char *why;
};

struct matrix {
  char *releases;           /* the specifier, as it was asked for */
  struct strlist targets;   /* the rows: newest first, each without and with each patch */
  struct strlist scenarios; /* the columns: scenarios x Pythons x engines */
  struct strlist pythons;   /* tags */
  struct strlist engines;
  struct not_run *not_run;
  size_t not_run_count;
};

struct not_run *matrix_add_not_run(struct matrix *matrix, enum not_run_kind kind);

/* The campaign cannot say what it was asked for that cell. */
bool not_run_is_open(const struct not_run *not_run);

void matrix_free(struct matrix *matrix); /* NULL is fine */

#endif
