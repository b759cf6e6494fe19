/* A bisection: campaigns of one release each, chosen by halving, until it is known where the scenario's failure came
 * and where it went; and what changed there. */
#ifndef FF_CAMPAIGN_BISECT_H
#define FF_CAMPAIGN_BISECT_H

#include "campaign/campaign.h"

/* False: `err` says why. True: `result` holds a matrix of the releases that were tried, and `bisection`. */
bool bisect_run(const struct campaign_options *options, const struct places *places, const struct campaign_watch *watch,
                struct result *result, struct err *err);

#endif
