/* Finished cells of a matrix, each in a file of its own as soon as it is done: `cells/KEY.json` in the folder of the
 * result, or in the cache where none was asked for. The key is made of all that the outcome hangs on: the job, the
 * release's bytes and the patches', the scenario's files, and the programs themselves. So a matrix that was killed goes
 * on where it was, and one that asks for more runs only what is new.
 *
 * Kept is what a run came to by itself. One that a signal cut short, that is inconclusive, or whose worker died is run
 * again: somebody may have killed it. So is each with --suppressions, which count over all runs. */
#ifndef FF_CAMPAIGN_CELLS_H
#define FF_CAMPAIGN_CELLS_H

#include "campaign/plan.h"

/* Gives each job of a matrix its key. */
bool cells_name(const struct campaign_options *options, struct plan *plan, struct err *err);

/* Fills `run` in with what is kept, as plan_describe() and a worker would; false where nothing is. `run` is empty
 * before. */
bool cells_take(const struct campaign_options *options, const struct places *places, const struct plan *plan,
                size_t index, struct run *run);

/* Keeps a graded run, where it is one to keep. */
bool cells_keep(const struct campaign_options *options, const struct places *places, const struct plan *plan,
                size_t index, const struct run *run, struct err *err);

#endif
