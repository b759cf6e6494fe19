#include "strategy/strategy.h"

REGISTRY_DEFINE(strategies, struct strategy);
