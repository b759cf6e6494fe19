/* Opcodes by their names, for the versions that are known: what kind of access each is. */
#ifndef FF_PYTHON_OBSERVE_OPCODES_H
#define FF_PYTHON_OBSERVE_OPCODES_H

#include "python/observe_plan.h"

struct opcode_rule {
  const char *opcode;
  uint8_t kind;
  uint8_t arg; /* of PLAN_READ and PLAN_NEXT */
};

/* By opcode; made once. */
struct opcode_table {
  bool ready;
  struct opcode_rule rule[256];
  bool ends[256];    /* control does not go on behind it */
  int8_t jumps[256]; /* 1: forward by its argument, -1: backward */
  int extended, keyword_names, return_generator, precall, call, binary_op, intrinsic, global, format;
};

extern struct opcode_table opcode_table;

void opcode_table_make(void);

#endif
