/* Who sleeps, of a search in dpor.h: shared by its parts only. */
#ifndef FF_STRATEGY_DPOR_PARTS_H
#define FF_STRATEGY_DPOR_PARTS_H

#include "strategy/dpor.h"

/* The step has just been made: those that it conflicts with wake. */
void dpor_wake_by(struct dpor *dpor, const struct step *step);

/* What was explored at the node sleeps from here on; not so the thread that runs. */
void dpor_fall_asleep(struct dpor *dpor, uint32_t node);

/* The step that the node began, as it went this time, is one that was explored. */
void dpor_add_sleeper(struct dpor *dpor, uint32_t node);

/* Forgets those of later nodes. */
void dpor_drop_sleepers(struct dpor *dpor, uint32_t node);

/* Whether the thread, which sleeps at the node, would there make the same accesses as in this step. */
bool dpor_sleeps_the_same(const struct dpor *dpor, uint32_t node, const struct step *step);

#endif
