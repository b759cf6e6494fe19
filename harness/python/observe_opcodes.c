#include "python/python.h"

#include "python/observe_opcodes.h"

#include <string.h>

static const struct opcode_rule rules[] = {
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

struct opcode_table opcode_table;

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

void opcode_table_make(void) {
  for (int opcode = 0; opcode < 256; opcode++) {
    const char *name = code_map_opcode_name(opcode);
    struct opcode_rule *rule = &opcode_table.rule[opcode];
    rule->kind = is_in(name, harmless, sizeof harmless / sizeof *harmless) ? PLAN_NOTHING : PLAN_UNKNOWN;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
      if (!strcmp(rules[i].opcode, name)) {
        *rule = rules[i];
      }
    }
    opcode_table.ends[opcode] = is_in(name, ends, sizeof ends / sizeof *ends);
    opcode_table.jumps[opcode] = jump_of(name);
  }
  opcode_table.keyword_names = code_map_opcode("KW_NAMES");
  opcode_table.extended = code_map_opcode("EXTENDED_ARG");
  opcode_table.return_generator = code_map_opcode("RETURN_GENERATOR");
  opcode_table.precall = code_map_opcode("PRECALL");
  opcode_table.call = code_map_opcode("CALL");
  opcode_table.binary_op = code_map_opcode("BINARY_OP");
  opcode_table.intrinsic = code_map_opcode("CALL_INTRINSIC_1");
  opcode_table.global = code_map_opcode("LOAD_GLOBAL");
  opcode_table.format = code_map_opcode("FORMAT_VALUE");
  opcode_table.ready = true;
}
