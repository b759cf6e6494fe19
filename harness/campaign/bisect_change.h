/* What changed between two releases, in the files that the failing one's stacks name. */
#ifndef FF_CAMPAIGN_BISECT_CHANGE_H
#define FF_CAMPAIGN_BISECT_CHANGE_H

#include "campaign/places.h"
#include "model/result.h"

/* Fills in `files`, `diff` and `others`, or `no_diff`: it is no error if there is none. */
void bisect_compare(struct change *change, const struct result *result, const struct places *places,
                    const struct python *python, const char *package);

#endif
