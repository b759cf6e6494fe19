/* What each instruction of a code object does, worked out once: its kind, and how deep the value stack is before it.
 * Opcodes that are not in the table are PLAN_UNKNOWN, and a depth that cannot be told is -1: nothing is guessed. */
#ifndef FF_PYTHON_OBSERVE_PLAN_H
#define FF_PYTHON_OBSERVE_PLAN_H

#include "python/code_map.h"

enum plan_kind {
  PLAN_NOTHING, /* touches nothing that threads share */
  PLAN_UNKNOWN,
  PLAN_LOAD_ATTR, /* name */
  PLAN_STORE_ATTR,
  PLAN_DELETE_ATTR,
  PLAN_LOAD_SUPER,
  PLAN_LOAD_ITEM,
  PLAN_STORE_ITEM,
  PLAN_DELETE_ITEM,
  PLAN_LOAD_SLICE,
  PLAN_STORE_SLICE,
  PLAN_CONTAINS,
  PLAN_ITER,       /* makes an iterator of the top */
  PLAN_NEXT,       /* the iterator is arg values below the top */
  PLAN_READ,       /* reads the arg topmost values and what they contain */
  PLAN_READ_WHOLE, /* goes through the top, one level */
  PLAN_LENGTH,
  PLAN_INPLACE, /* writes the second, reads the first; arg: NB_INPLACE_… */
  PLAN_LOAD_GLOBAL,
  PLAN_STORE_GLOBAL,
  PLAN_DELETE_GLOBAL,
  PLAN_LOAD_NAME,
  PLAN_STORE_NAME,
  PLAN_DELETE_NAME,
  PLAN_LOAD_CELL, /* arg: index among the locals */
  PLAN_STORE_CELL,
  PLAN_CALL, /* arg: number of arguments; name: the names of the keywords among them, or NULL */
  PLAN_CALL_KEYWORDS,
  PLAN_CALL_SPREAD, /* arg & 1: keywords */
  PLAN_ENTER,
  PLAN_EXIT,
  PLAN_IMPORT,
  PLAN_IMPORT_FROM,
  PLAN_LEAVE, /* returns or yields */
};

struct plan_op {
  uint8_t kind;
  int16_t depth; /* values on the stack before it; -1: not known */
  uint32_t arg;
  PyObject *name; /* borrowed from the code */
};

struct code_plan {
  uint32_t count;
  struct plan_op ops[]; /* one for each two bytes of code */
};

/* Makes info->plan. Keeps an exception that is set, runs no Python code. */
const struct code_plan *plan_make(struct code_info *info);

/* The offset of the instruction behind the one at `offset` and its caches. */
int plan_next_offset(const struct code_info *info, int offset);

/* For the self-check: what the instruction at `offset` will load on top of the stack, where that is plain to see; else
 * NULL. */
struct frame_view;
PyObject *plan_loaded(const struct code_info *info, int offset, const struct frame_view *view);

#endif
