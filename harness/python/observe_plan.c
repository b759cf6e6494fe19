#include "python/python.h"

#include "python/observe_plan.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "python/frame_peek.h"
#include "python/observe_opcodes.h"

#define UNREACHED (-2)

/* What the instruction does to the depth when it runs: the compiler's figure, but for 3.11's calls, which the compiler
 * counts in two halves. */
static int effect_of(int opcode, uint32_t arg, bool jump) {
  if (opcode_table.precall >= 0 && opcode == opcode_table.precall) {
    return 0;
  }
  if (opcode_table.precall >= 0 && opcode == opcode_table.call) {
    return -(int)arg - 1;
  }
  return PyCompile_OpcodeStackEffectWithJump(opcode, opcode >= 0 ? (int)arg : 0, jump);
}

struct instruction {
  int first; /* index of its first EXTENDED_ARG, or its own */
  int at;
  int next; /* index of the instruction behind it and its caches */
  uint8_t opcode;
  uint32_t arg;
};

static struct instruction read_one(const unsigned char *code, int count, int at) {
  const unsigned char(*units)[2] = (const unsigned char(*)[2])code; /* opcode, argument */
  struct instruction in = {.first = at, .at = at};
  while (at < count - 1 && units[at][0] == opcode_table.extended) {
    in.arg = in.arg << 8 | units[at][1];
    at++;
  }
  in.arg = in.arg << 8 | units[at][1];
  in.at = at;
  in.opcode = units[at][0];
  in.next = at + 1;
  while (in.next < count && units[in.next][0] == 0) { /* CACHE */
    in.next++;
  }
  return in;
}

struct walk {
  const unsigned char *code;
  int count;
  int16_t *depths; /* by index of the first unit of an instruction */
  int *todo;
  int todo_count;
};

static void flow_to(struct walk *walk, int at, int depth) {
  if (at < 0 || at >= walk->count) {
    return;
  }
  if (walk->depths[at] == UNREACHED) {
    walk->depths[at] = (int16_t)(depth < 0 || depth > SHRT_MAX ? -1 : depth);
    walk->todo[walk->todo_count++] = at;
  } else if (walk->depths[at] >= 0 && walk->depths[at] != depth) {
    walk->depths[at] = -1; /* two ways with two depths: not known, nor is what follows */
    walk->todo[walk->todo_count++] = at;
  }
}

static int after(int depth, int effect) { return depth < 0 || effect == INT_MAX ? -1 : depth + effect; }

static void flow(struct walk *walk) {
  while (walk->todo_count) {
    int at = walk->todo[--walk->todo_count];
    struct instruction in = read_one(walk->code, walk->count, at);
    int depth = walk->depths[at];
    int8_t jump = opcode_table.jumps[in.opcode];
    if (jump) {
      flow_to(walk, in.next + jump * (int)in.arg, after(depth, effect_of(in.opcode, in.arg, true)));
    }
    if (!opcode_table.ends[in.opcode]) {
      flow_to(walk, in.next, after(depth, effect_of(in.opcode, in.arg, false)));
    }
  }
}

#if PY_VERSION_HEX >= 0x030B0000

static uint32_t read_varint(const unsigned char **at, const unsigned char *end) {
  uint32_t value = 0;
  while (*at < end) {
    unsigned char byte = *(*at)++;
    value = value << 6 | (byte & 63);
    if (!(byte & 64)) {
      break;
    }
  }
  return value;
}

/* Handlers begin with the depth that their entry in the exception table names, and the exception. */
static void flow_to_handlers(struct walk *walk, PyObject *entries) {
  const unsigned char *at = (const unsigned char *)PyBytes_AS_STRING(entries);
  const unsigned char *end = at + PyBytes_GET_SIZE(entries);
  while (at < end) {
    read_varint(&at, end); /* start */
    read_varint(&at, end); /* length */
    uint32_t target = read_varint(&at, end), how = read_varint(&at, end);
    flow_to(walk, (int)target, (int)(how >> 1) + (how & 1 ? 1 : 0) + 1);
    flow(walk);
  }
}

#endif

static PyObject *name_at(PyObject *names, uint32_t index) {
  return index < (uint32_t)PyTuple_GET_SIZE(names) ? PyTuple_GET_ITEM(names, index) : NULL;
}

static uint32_t name_index(const struct instruction *in, enum plan_kind kind) {
  if (kind == PLAN_LOAD_SUPER) {
    return in->arg >> 2;
  }
  bool flagged = in->opcode == opcode_table.global || (PY_VERSION_HEX >= 0x030C0000 && kind == PLAN_LOAD_ATTR);
  return flagged ? in->arg >> 1 : in->arg;
}

/* CALL_INTRINSIC_1: 1 prints, 2 is import *, 5 is unary +; the others make something new. */
static enum plan_kind intrinsic_kind(uint32_t arg) {
  return arg == 1 || arg == 2 ? PLAN_UNKNOWN : arg == 5 ? PLAN_READ : PLAN_NOTHING;
}

static struct plan_op op_of(const struct instruction *in, int depth, PyObject *names) {
  const struct opcode_rule *rule = &opcode_table.rule[in->opcode];
  struct plan_op op = {.kind = rule->kind, .depth = (int16_t)(depth < 0 ? -1 : depth), .arg = in->arg};
  if (op.kind == PLAN_READ || op.kind == PLAN_NEXT) {
    op.arg = rule->arg;
  }
  if (in->opcode == opcode_table.binary_op && in->arg >= 13) { /* NB_INPLACE_… */
    op.kind = PLAN_INPLACE;
    op.arg = in->arg;
  } else if (in->opcode == opcode_table.format) {
    op.arg = in->arg & 4 ? 2 : 1;
  } else if (in->opcode == opcode_table.intrinsic) {
    op.kind = (uint8_t)intrinsic_kind(in->arg);
    op.arg = 1;
  }
  bool named = op.kind == PLAN_LOAD_ATTR || op.kind == PLAN_STORE_ATTR || op.kind == PLAN_DELETE_ATTR ||
               op.kind == PLAN_LOAD_SUPER || op.kind == PLAN_IMPORT || op.kind == PLAN_IMPORT_FROM ||
               (op.kind >= PLAN_LOAD_GLOBAL && op.kind <= PLAN_DELETE_NAME);
  if (named) {
    op.name = name_at(names, name_index(in, op.kind));
    op.kind = op.name ? op.kind : PLAN_UNKNOWN;
  }
  return op;
}

const struct code_plan *plan_make(struct code_info *info) {
  if (!opcode_table.ready) {
    opcode_table_make();
  }
  const PyCodeObject *code = (const PyCodeObject *)info->code;
  int count = info->bytes ? (int)(PyBytes_GET_SIZE(info->bytes) / 2) : 0;
  struct code_plan *plan = mem_alloc(sizeof *plan + (size_t)count * sizeof *plan->ops);
  struct walk walk = {.code = info->bytes ? (const unsigned char *)PyBytes_AS_STRING(info->bytes) : NULL,
                      .count = count,
                      .depths = mem_alloc(((size_t)count + 1) * sizeof *walk.depths),
                      .todo = mem_alloc((2 * (size_t)count + 2) * sizeof *walk.todo)};
  for (int i = 0; i < count; i++) {
    walk.depths[i] = UNREACHED;
  }
  bool generator = code->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR);
  flow_to(&walk, 0, generator && effect_of(opcode_table.return_generator, 0, false) == 0 ? 1 : 0);
  flow(&walk);
#if PY_VERSION_HEX >= 0x030B0000
  flow_to_handlers(&walk, code->co_exceptiontable);
#endif
  plan->count = (uint32_t)count;
  PyObject *keyword_names = NULL; /* of the next CALL */
  for (int i = 0; i < count;) {
    struct instruction in = read_one(walk.code, count, i);
    struct plan_op op = op_of(&in, walk.depths[i], code->co_names);
    if (in.opcode == opcode_table.keyword_names) {
      keyword_names = name_at(code->co_consts, in.arg);
    } else if (op.kind == PLAN_CALL) {
      op.name = keyword_names;
      keyword_names = NULL;
    }
    for (int unit = in.first; unit <= in.at; unit++) {
      plan->ops[unit] = op;
    }
    i = in.next;
  }
  free(walk.depths);
  free(walk.todo);
  info->plan = plan;
  return plan;
}

int plan_next_offset(const struct code_info *info, int offset) {
  const unsigned char *code = (const unsigned char *)PyBytes_AS_STRING(info->bytes);
  return 2 * read_one(code, (int)(PyBytes_GET_SIZE(info->bytes) / 2), offset / 2).next;
}

PyObject *plan_loaded(const struct code_info *info, int offset, const struct frame_view *view) {
  const unsigned char *code = (const unsigned char *)PyBytes_AS_STRING(info->bytes);
  if (offset >= 2 && code[offset - 2] == opcode_table.extended) {
    return NULL;
  }
  struct instruction in = read_one(code, (int)(PyBytes_GET_SIZE(info->bytes) / 2), offset / 2);
  const char *name = code_map_opcode_name(in.opcode);
  if (!strcmp(name, "LOAD_FAST")) {
    return view->locals[in.arg];
  }
  if (!strcmp(name, "LOAD_FAST_LOAD_FAST")) {
    return view->locals[in.arg & 15];
  }
  if (!strcmp(name, "LOAD_CONST")) {
    return name_at(((PyCodeObject *)info->code)->co_consts, in.arg);
  }
  return NULL;
}
