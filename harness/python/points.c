#include "python/points.h"

REGISTRY_DEFINE(points, struct switch_points);
