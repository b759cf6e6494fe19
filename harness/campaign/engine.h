/* The engines, in the order in which a campaign plans them for a scenario of a target: explore first, as what it finds
 * is shown with its interleaving, and what stress then meets of it is the same finding again. */
#ifndef FF_CAMPAIGN_ENGINE_H
#define FF_CAMPAIGN_ENGINE_H

enum engine { ENGINE_EXPLORE, ENGINE_STRESS, ENGINE_REPLAY, ENGINES };

const char *engine_name(enum engine engine); /* as a job and a result have it */

#endif
