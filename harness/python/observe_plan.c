#include "python/python.h"

#include "python/observe_plan.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "python/frame_peek.h"

#define UNREACHED (-2)

struct rule {
  const char *opcode;
  uint8_t kind;
  uint8_t arg; /* of PLAN_READ and PLAN_NEXT */
};

static const struct rule rules[] = {
    {"LOAD_ATTR", PLAN_LOAD_ATTR, 0},
    {"LOAD_METHOD", PLAN_LOAD_ATTR, 0},
    {"STORE_ATTR", PLAN_STORE_ATTR, 0},
    {"DELETE_ATTR", PLAN_DELETE_ATTR, 0},
    {"LOAD_SUPER_ATTR", PLAN_LOAD_SUPER, 0},
    {"BINARY_SUBSCR", PLAN_LOAD_ITEM, 0},
    {"STORE_SUBSCR", PLAN_STORE_ITEM, 0},
    {"DELETE_SUBSCR", PLAN_DELETE_ITEM, 0},
    {"BINARY_SLICE", PLAN_LOAD_SLICE, 0},
    {"STORE_SLICE", PLAN_STORE_SLICE, 0},
    {"CONTAINS_OP", PLAN_CONTAINS, 0},
    {"GET_ITER", PLAN_ITER, 0},
    {"GET_YIELD_FROM_ITER", PLAN_ITER, 0},
    {"FOR_ITER", PLAN_NEXT, 0},
    {"SEND", PLAN_NEXT, 1},
    {"COMPARE_OP", PLAN_READ, 2},
    {"UNARY_POSITIVE", PLAN_READ, 1},
    {"UNARY_NEGATIVE", PLAN_READ, 1},
    {"UNARY_INVERT", PLAN_READ, 1},
    {"FORMAT_VALUE", PLAN_READ, 2},
    {"FORMAT_SIMPLE", PLAN_READ, 1},
    {"FORMAT_WITH_SPEC", PLAN_READ, 2},
    {"CONVERT_VALUE", PLAN_READ, 1},
    {"UNPACK_SEQUENCE", PLAN_READ_WHOLE, 0},
    {"UNPACK_EX", PLAN_READ_WHOLE, 0},
    {"LIST_EXTEND", PLAN_READ_WHOLE, 0},
    {"SET_UPDATE", PLAN_READ_WHOLE, 0},
    {"DICT_UPDATE", PLAN_READ_WHOLE, 0},
    {"DICT_MERGE", PLAN_READ_WHOLE, 0},
    {"MATCH_KEYS", PLAN_READ, 2},
    {"GET_LEN", PLAN_LENGTH, 0},
    {"UNARY_NOT", PLAN_LENGTH, 0},
    {"TO_BOOL", PLAN_LENGTH, 0},
#if PY_VERSION_HEX < 0x030D0000
    {"POP_JUMP_IF_FALSE", PLAN_LENGTH, 0},
    {"POP_JUMP_IF_TRUE", PLAN_LENGTH, 0},
#else
    {"POP_JUMP_IF_FALSE", PLAN_NOTHING, 0},
    {"POP_JUMP_IF_TRUE", PLAN_NOTHING, 0},
#endif
    {"POP_JUMP_FORWARD_IF_FALSE", PLAN_LENGTH, 0},
    {"POP_JUMP_FORWARD_IF_TRUE", PLAN_LENGTH, 0},
    {"POP_JUMP_BACKWARD_IF_FALSE", PLAN_LENGTH, 0},
    {"POP_JUMP_BACKWARD_IF_TRUE", PLAN_LENGTH, 0},
    {"JUMP_IF_FALSE_OR_POP", PLAN_LENGTH, 0},
    {"JUMP_IF_TRUE_OR_POP", PLAN_LENGTH, 0},
    {"BINARY_OP", PLAN_READ, 2},
    {"LOAD_GLOBAL", PLAN_LOAD_GLOBAL, 0},
    {"LOAD_FROM_DICT_OR_GLOBALS", PLAN_LOAD_GLOBAL, 0},
    {"STORE_GLOBAL", PLAN_STORE_GLOBAL, 0},
    {"DELETE_GLOBAL", PLAN_DELETE_GLOBAL, 0},
    {"LOAD_NAME", PLAN_LOAD_NAME, 0},
    {"STORE_NAME", PLAN_STORE_NAME, 0},
    {"DELETE_NAME", PLAN_DELETE_NAME, 0},
    {"LOAD_DEREF", PLAN_LOAD_CELL, 0},
    {"LOAD_CLASSDEREF", PLAN_LOAD_CELL, 0},
    {"LOAD_FROM_DICT_OR_DEREF", PLAN_LOAD_CELL, 0},
    {"STORE_DEREF", PLAN_STORE_CELL, 0},
    {"DELETE_DEREF", PLAN_STORE_CELL, 0},
    {"CALL", PLAN_CALL, 0},
    {"CALL_KW", PLAN_CALL_KEYWORDS, 0},
    {"CALL_FUNCTION_EX", PLAN_CALL_SPREAD, 0},
    {"BEFORE_WITH", PLAN_ENTER, 0},
    {"WITH_EXCEPT_START", PLAN_EXIT, 0},
    {"IMPORT_NAME", PLAN_IMPORT, 0},
    {"IMPORT_FROM", PLAN_IMPORT_FROM, 0},
    {"RETURN_VALUE", PLAN_LEAVE, 0},
    {"RETURN_CONST", PLAN_LEAVE, 0},
    {"YIELD_VALUE", PLAN_LEAVE, 0},
};

static const char *const harmless[] = {
    "CACHE",
    "POP_TOP",
    "PUSH_NULL",
    "NOP",
    "RESUME",
    "EXTENDED_ARG",
    "INTERPRETER_EXIT",
    "END_FOR",
    "END_SEND",
    "MATCH_MAPPING",
    "MATCH_SEQUENCE",
    "PUSH_EXC_INFO",
    "CHECK_EXC_MATCH",
    "POP_EXCEPT",
    "RERAISE",
    "RAISE_VARARGS",
    "CLEANUP_THROW",
    "END_ASYNC_FOR",
    "LOAD_BUILD_CLASS",
    "LOAD_ASSERTION_ERROR",
    "LOAD_LOCALS",
    "RETURN_GENERATOR",
    "ASYNC_GEN_WRAP",
    "PREP_RERAISE_STAR",
    "LIST_TO_TUPLE",
    "GET_AWAITABLE",
    "SWAP",
    "COPY",
    "IS_OP",
    "LOAD_CONST",
    "LOAD_FAST",
    "LOAD_FAST_CHECK",
    "LOAD_FAST_AND_CLEAR",
    "LOAD_FAST_LOAD_FAST",
    "STORE_FAST",
    "DELETE_FAST",
    "STORE_FAST_LOAD_FAST",
    "STORE_FAST_STORE_FAST",
    "LOAD_CLOSURE",
    "MAKE_CELL",
    "COPY_FREE_VARS",
    "MAKE_FUNCTION",
    "SET_FUNCTION_ATTRIBUTE",
    "BUILD_TUPLE",
    "BUILD_LIST",
    "BUILD_SET",
    "BUILD_MAP",
    "BUILD_CONST_KEY_MAP",
    "BUILD_STRING",
    "BUILD_SLICE",
    "LIST_APPEND",
    "SET_ADD",
    "MAP_ADD",
    "JUMP_FORWARD",
    "JUMP_BACKWARD",
    "JUMP_BACKWARD_NO_INTERRUPT",
    "POP_JUMP_IF_NONE",
    "POP_JUMP_IF_NOT_NONE",
    "POP_JUMP_FORWARD_IF_NONE",
    "POP_JUMP_FORWARD_IF_NOT_NONE",
    "POP_JUMP_BACKWARD_IF_NONE",
    "POP_JUMP_BACKWARD_IF_NOT_NONE",
    "PRECALL",
    "KW_NAMES",
    "CALL_INTRINSIC_1",
    "CALL_INTRINSIC_2",
    "EXIT_INIT_CHECK",
};

static const char *const ends[] = {"RETURN_VALUE",
                                   "RETURN_CONST",
                                   "RAISE_VARARGS",
                                   "RERAISE",
                                   "JUMP_FORWARD",
                                   "JUMP_BACKWARD",
                                   "JUMP_BACKWARD_NO_INTERRUPT",
                                   "INTERPRETER_EXIT"};

/* By opcode; made once. */
static struct {
  bool ready;
  struct rule rule[256];
  bool ends[256];    /* control does not go on behind it */
  int8_t jumps[256]; /* 1: forward by its argument, -1: backward */
  int extended, keyword_names, return_generator, precall, call, binary_op, intrinsic, global, format;
} table;

static bool is_in(const char *name, const char *const *list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!strcmp(name, list[i])) {
      return true;
    }
  }
  return false;
}

static int8_t jump_of(const char *name) {
  bool jumps = strstr(name, "JUMP") || !strcmp(name, "FOR_ITER") || !strcmp(name, "SEND");
  return (int8_t)(!jumps ? 0 : strstr(name, "BACKWARD") ? -1 : 1);
}

static void make_table(void) {
  for (int opcode = 0; opcode < 256; opcode++) {
    const char *name = code_map_opcode_name(opcode);
    struct rule *rule = &table.rule[opcode];
    rule->kind = is_in(name, harmless, sizeof harmless / sizeof *harmless) ? PLAN_NOTHING : PLAN_UNKNOWN;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
      if (!strcmp(rules[i].opcode, name)) {
        *rule = rules[i];
      }
    }
    table.ends[opcode] = is_in(name, ends, sizeof ends / sizeof *ends);
    table.jumps[opcode] = jump_of(name);
  }
  table.keyword_names = code_map_opcode("KW_NAMES");
  table.extended = code_map_opcode("EXTENDED_ARG");
  table.return_generator = code_map_opcode("RETURN_GENERATOR");
  table.precall = code_map_opcode("PRECALL");
  table.call = code_map_opcode("CALL");
  table.binary_op = code_map_opcode("BINARY_OP");
  table.intrinsic = code_map_opcode("CALL_INTRINSIC_1");
  table.global = code_map_opcode("LOAD_GLOBAL");
  table.format = code_map_opcode("FORMAT_VALUE");
  table.ready = true;
}

/* What the instruction does to the depth when it runs: the compiler's figure, but for 3.11's calls, which the compiler
 * counts in two halves. */
static int effect_of(int opcode, uint32_t arg, bool jump) {
  if (table.precall >= 0 && opcode == table.precall) {
    return 0;
  }
  if (table.precall >= 0 && opcode == table.call) {
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
  struct instruction in = {.first = at, .at = at};
  while (at < count - 1 && code[2 * at] == table.extended) {
    in.arg = in.arg << 8 | code[2 * at + 1];
    at++;
  }
  in.arg = in.arg << 8 | code[2 * at + 1];
  in.at = at;
  in.opcode = code[2 * at];
  in.next = at + 1;
  while (in.next < count && code[2 * in.next] == 0) { /* CACHE */
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
    int8_t jump = table.jumps[in.opcode];
    if (jump) {
      flow_to(walk, in.next + jump * (int)in.arg, after(depth, effect_of(in.opcode, in.arg, true)));
    }
    if (!table.ends[in.opcode]) {
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
  bool flagged = in->opcode == table.global || (PY_VERSION_HEX >= 0x030C0000 && kind == PLAN_LOAD_ATTR);
  return flagged ? in->arg >> 1 : in->arg;
}

/* CALL_INTRINSIC_1: 1 prints, 2 is import *, 5 is unary +; the others make something new. */
static enum plan_kind intrinsic_kind(uint32_t arg) {
  return arg == 1 || arg == 2 ? PLAN_UNKNOWN : arg == 5 ? PLAN_READ : PLAN_NOTHING;
}

static struct plan_op op_of(const struct instruction *in, int depth, PyObject *names) {
  const struct rule *rule = &table.rule[in->opcode];
  struct plan_op op = {.kind = rule->kind, .depth = (int16_t)(depth < 0 ? -1 : depth), .arg = in->arg};
  if (op.kind == PLAN_READ || op.kind == PLAN_NEXT) {
    op.arg = rule->arg;
  }
  if (in->opcode == table.binary_op && in->arg >= 13) { /* NB_INPLACE_… */
    op.kind = PLAN_INPLACE;
  } else if (in->opcode == table.format) {
    op.arg = in->arg & 4 ? 2 : 1;
  } else if (in->opcode == table.intrinsic) {
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
  if (!table.ready) {
    make_table();
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
  flow_to(&walk, 0, generator && effect_of(table.return_generator, 0, false) == 0 ? 1 : 0);
  flow(&walk);
#if PY_VERSION_HEX >= 0x030B0000
  flow_to_handlers(&walk, code->co_exceptiontable);
#endif
  plan->count = (uint32_t)count;
  PyObject *keyword_names = NULL; /* of the next CALL */
  for (int i = 0; i < count;) {
    struct instruction in = read_one(walk.code, count, i);
    struct plan_op op = op_of(&in, walk.depths[i], code->co_names);
    if (in.opcode == table.keyword_names) {
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
  if (offset >= 2 && code[offset - 2] == table.extended) {
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
