/* Which races were told before: by the places of their accesses. GIL held. */
#ifndef FF_PYTHON_LIFT_KNOWN_H
#define FF_PYTHON_LIFT_KNOWN_H

#include "python/lift.h"

bool lift_known(const struct lift_race *race, void **answer);
void lift_now_known(const struct lift_race *race, void *answer);

#endif
