/* The `bytecode` switch points: before every instruction of watched code, whether or not this interpreter could hand
 * over its GIL there. What is found may need a free-threaded build, or another version, to happen. */
#include "python/python.h"

#include "python/opcode_events.h"
#include "python/point.h"
#include "python/points.h"
#include "python/sched.h"

static bool is_watched(const struct code_info *info) { return info->watched || info->finaliser || info->importer; }

static bool before_instruction(PyFrameObject *frame, struct code_info *info, int offset) {
  return !sched_inside() || !sched_wants_points() || point_reached(frame, info, offset);
}

static bool open_points(struct err *err) { return opcode_events_start(is_watched, before_instruction, err); }

static void arm(void) {} /* every instruction is told anyway */

static const struct switch_points bytecode_points = {
    .name = "bytecode",
    .summary = "between any two instructions: what a free-threaded build or another version may do",
    .open = open_points,
    .arm = arm,
};
REGISTRY_ADD(points, struct switch_points, bytecode_points);
