/* Where a defect came and where it went, release by release. */
#ifndef FF_MODEL_BISECTION_H
#define FF_MODEL_BISECTION_H

#include <stddef.h>
#include <stdint.h>

#include "platform/buf.h"

#define CHANGE_CAME "first bad" /* `after` is the first that fails */
#define CHANGE_WENT "first good again"

extern const char *const CHANGES[]; /* NULL-terminated: these two */

/* Between two targets, both of which were tried, one of them good and one bad: the older is `before`. */
struct change {
  char *what; /* one of CHANGES */
  char *before;
  char *after;
  struct strlist untried; /* between them, and could not be tried */
  struct strlist files;   /* that the stacks of the bad one's findings name */
  char *diff;             /* of these, unified; NULL: it could not be made, and `no_diff` says why */
  char *no_diff;
  uint64_t others; /* files of the package that changed too */
};

struct bisection {
  char *releases;         /* the specifier, as it was asked for */
  uint64_t count;         /* releases in it */
  uint64_t tried;         /* of them */
  struct change *changes; /* from the oldest on */
  size_t change_count;
};

struct change *bisection_add_change(struct bisection *bisection);
void bisection_free(struct bisection *bisection); /* NULL is fine */

#endif
