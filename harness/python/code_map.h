/* What is known of each code object, found by its address in some nanoseconds. GIL held. */
#ifndef FF_PYTHON_CODE_MAP_H
#define FF_PYTHON_CODE_MAP_H

#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>

#include "platform/buf.h"
#include "python/exception.h"

struct code_plan;

struct code_info {
  PyObject *code;   /* pinned: the address is not used again */
  bool watched;     /* of the package under test or of a module that the scenario names: switch points may be here */
  bool module_body; /* runs at import */
  bool finaliser;   /* __del__ */
  bool importer;    /* importlib's own */
  const char *file; /* as findings show it */
  const char *function; /* qualified name; the plain one before 3.11 */
  uint32_t first_line;
  uint64_t *places;       /* schedule_place_id() for each code unit, 0: not asked for yet */
  struct code_plan *plan; /* observe_plan.c's */
};

/* Once, before the first question. `watched`: files, or folders that end in a slash; NULL: all but the standard
 * library. Both are borrowed and must live on. */
void code_map_init(const struct sources *sources, const struct strlist *watched);

struct code_info *code_map_get(PyObject *code); /* never NULL; keeps an exception that is set */

uint32_t code_map_line(const struct code_info *info, int offset);  /* of the instruction at that byte */
const char *code_map_op(const struct code_info *info, int offset); /* its name, without specialisation: "CALL" */
uint64_t code_map_place(struct code_info *info, int offset);       /* schedule_place_id() of it */

#endif
