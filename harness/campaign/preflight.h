/* Before anything is promised: does each scenario load on each target, and is ThreadSanitizer awake? */
#ifndef FF_CAMPAIGN_PREFLIGHT_H
#define FF_CAMPAIGN_PREFLIGHT_H

#include "campaign/plan.h"

/* Imports, sets up and constructs each pair once, without a trial. A scenario's own mistake is ERR_USAGE; one that
 * crashes or hangs is left to its run, where that is a finding. */
bool preflight_load(const struct plan *plan, double hang_after, struct err *err);

/* The twins: the racy one must be reported, the locked one must not. */
bool preflight_tsan(const struct python *python, struct err *err);
bool preflight_tsan_workers(const struct plan *plan, struct err *err); /* of each Python that has a job with it */

/* Whether that interpreter has those switch points: they are calibrated once, without a scenario. */
bool preflight_points(const struct python *python, const char *points, struct err *err);

#endif
