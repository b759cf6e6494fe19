/* What the threads of a finding did, in order of execution: a column of source lines for each thread.
 * Ownership: returned strings are the caller's. Threading: no shared state. */
#ifndef FF_REPORTS_INTERLEAVING_H
#define FF_REPORTS_INTERLEAVING_H

#include "model/result.h"

#define INTERLEAVING_WIDTH 100 /* columns, where no terminal says less */

/* Plain lines of at most `width` columns, each with its newline; NULL where the finding has no interleaving. What is
 * long is left out in the middle, and said to be. */
char *interleaving_text(const struct finding *finding, int width);

#endif
