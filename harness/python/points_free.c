/* The `free` switch points: real threads hand over whenever the interpreter and the OS do. */
#include "python/embed.h"
#include "python/points.h"

static bool begin(double interval, struct err *err) { return embed_set_switch_interval(interval, err); }

static const struct switch_points free_points = {
    .name = "free",
    .summary = "not controlled: the interpreter and the operating system decide",
    .begin = begin,
};
REGISTRY_ADD(points, struct switch_points, free_points);
