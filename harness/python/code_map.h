/* Everything that is known of a code object, found by its address in some 3 ns. All calls with the GIL held; none runs
 * Python code, releases the GIL or raises.
 *
 * A code object that was asked for once is pinned: its address is its key for the rest of the process. */
#ifndef FF_PYTHON_CODE_MAP_H
#define FF_PYTHON_CODE_MAP_H

#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>

#include "python/exception.h"

struct code_plan;

struct code_info {
  PyObject *code;   /* pinned */
  bool watched;     /* of the package under test or of a module that the scenario names: switch points may be here */
  bool module_body; /* co_name is <module> */
  bool finaliser;   /* co_name is __del__ */
  bool importer;    /* importlib's own (frozen) */
  const char *file; /* relative to the target (sources_trim); owned */
  const char *function; /* its qualified name, before 3.11 its bare one; owned */
  uint32_t first_line;
  PyObject *bytes;        /* its instructions as compiled, without the interpreter's specialisations; NULL: no memory */
  struct code_plan *plan; /* observe.c's, NULL until asked for */
  int body;               /* offset in bytes of its first RESUME: what is before it belongs to the call; -1: none */
  uint8_t events;         /* opcode_events.c's */
  uint8_t orders;         /* lift_events.c's */
  uint64_t *places;       /* code_map_place() of each code unit, 0: not asked for yet */
  uint32_t *lift_places;  /* lift_stack.c's, of each code unit */
};

struct code_map_rules {
  const struct sources *sources;       /* NULL: no package is under test, paths are shown as they are */
  const struct strlist *watched_files; /* absolute paths, of files or the beginnings of paths; NULL: none */
  bool cold;                           /* watched code is kept cold (cold.h): its switch points are counted on */
};

/* Sets the rules (borrowed for the rest of the process) and reads the names of the opcodes. What was asked for before
 * is judged anew. */
void code_map_init(const struct code_map_rules *rules);

/* After the imports and before anything of it runs often: watched code is kept cold. */
void code_map_settle(void);

/* Never NULL; stays where it is for the rest of the process. Keeps an exception that is set. */
struct code_info *code_map_get(PyObject *code);

/* Every one that is known. */
void code_map_each(void (*each)(struct code_info *info));

uint32_t code_map_line(const struct code_info *info, int offset_bytes); /* 0: none */

/* The number of the opcode of that name, -1 where this interpreter has none. */
int code_map_opcode(const char *name);

/* How many code units it has. */
size_t code_map_units(const struct code_info *info);

/* The name of the opcode, "?" where there is none. */
const char *code_map_opcode_name(int opcode);

/* The name of the instruction as it was compiled ("JUMP_BACKWARD"), never of a specialised or instrumented form; "?"
 * outside the code. Stays for the rest of the process. */
const char *code_map_op(const struct code_info *info, int offset_bytes);

/* schedule_place_id() of the instruction there. */
uint64_t code_map_place(struct code_info *info, int offset_bytes);

#endif
