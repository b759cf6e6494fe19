/* Numbers for objects, the same in every schedule that shares the steps before: an address is not. GIL held; runs no
 * Python code.
 *
 * What the modules hold when observing begins is numbered once and kept for the rest of the process. What is reachable
 * from the scenario's object is numbered at the beginning of a schedule, in the order of a walk. Anything else gets
 * its number when it is first met: the thread that met it, and how many that thread has met before. It takes along what
 * is reachable from it, so that an object that is shared is numbered by then, whoever comes to it first.
 *
 * A numbered object is kept alive until the schedule ends, or its address could be used again. Those whose end runs
 * code (generators, objects with __del__) are not: all of one type share a number. */
#ifndef FF_PYTHON_OBSERVE_NAMES_H
#define FF_PYTHON_OBSERVE_NAMES_H

#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>

void names_start(int (*thread)(void)); /* numbers what the modules hold, the first time */
void names_begin(PyObject *root);      /* NULL: no root */
void names_end(void);

bool names_immutable(PyObject *object);              /* of a type whose objects never change: has no number */
uint64_t names_known(PyObject *object);              /* 0: has none yet */
uint64_t names_number(PyObject *object);             /* gives one where there is none; 0 for what never changes */
void names_alias(PyObject *object, uint64_t number); /* from now on it has that number, marked as an alias */
bool names_is_alias(uint64_t number);
uint64_t names_unalias(uint64_t number);

uint64_t names_mix(uint64_t a, uint64_t b); /* a hash of two numbers; never 0 */

#endif
