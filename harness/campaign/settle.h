/* What a matrix's result has beside its runs, once they have ended. */
#ifndef FF_CAMPAIGN_SETTLE_H
#define FF_CAMPAIGN_SETTLE_H

#include "campaign/plan.h"

/* The plan's matrix becomes the result's. Runs that are `unloaded` (one for each job) leave the result: such a cell
 * says why. A scenario that loads nowhere is likely broken itself, and its cells are undecided. */
void settle_matrix(struct plan *plan, const bool *unloaded, struct result *result);

#endif
