/* What a cell is called in the program: "MetricsBuffer.__timers", and its key. Slow (looks through all objects): for a
 * report. GIL held; runs no Python code. */
#ifndef FF_PYTHON_LIFT_NAMES_H
#define FF_PYTHON_LIFT_NAMES_H

#include "python/lift.h"

/* Once, before anything is named: an import within an instruction would run code. */
void lift_names_open(void);

/* The caller's. */
char *lift_container_name(const struct lift_cell *cell);
char *lift_key_name(const struct lift_cell *cell); /* NULL: the cell has no key, or the container's name says it */

#endif
