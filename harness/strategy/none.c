/* The strategy of stress: nobody chooses, the operating system does. */
#include "strategy/strategy.h"

static const struct strategy none = {
    .name = "none",
    .summary = "the operating system decides (stress)",
    .controlled = false,
};
REGISTRY_ADD(strategies, struct strategy, none);
