/* What each instruction reads and writes of shared state, of unmodified Python code: for partial-order reduction, which
 * claims completeness on it. So what cannot be told is STRATEGY_CELL_UNKNOWN, which conflicts with everything.
 *
 * The operands are read from the frame's value stack just before the instruction runs, after the switch point there.
 * The observer runs no Python code, raises nothing, releases no GIL. GIL held.
 *
 * A cell is a hash of an object's number (observe_names.h) and a key: an attribute's name, a dict's key, CONTENT of a
 * list, set or C object, STRUCTURE of a dict (which keys there are, and their order). Reading a dict as a whole reads
 * STRUCTURE and each key; two stores to two keys that are there do not conflict.
 *
 * Where C code calls Python code, the instruction that called the C code is observed again whenever that Python code
 * returns, yields or raises, since a switch may have been inside.
 *
 * Not seen: reference counts and whether an object still lives; sys.getrefcount, gc, id; state behind file descriptors;
 * what C code of unknown modules does beyond its arguments (observe_unseen_names() tells them). Objects that were met
 * live until the schedule ends, so their finalisers and weak references' callbacks come late, but for those of
 * generators and of objects that have a __del__ themselves. */
#ifndef FF_PYTHON_OBSERVE_H
#define FF_PYTHON_OBSERVE_H

#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>

#include "platform/buf.h"
#include "platform/err.h"

typedef void observe_sink(void *arg, uint64_t cell, bool write);

/* The number of the logical thread that runs, from 0 (below 64). To be set before observe_start(). NULL: always 0. */
void observe_threads(int (*current)(void));

/* Installs the events for all Python code but importlib's. Again after observe_stop(): cheap. The first time, what the
 * modules hold is numbered for good: so not before the scenario is loaded and set up, or each schedule numbers its
 * module anew. */
/* `sink` NULL: nobody reduces. `lifts`: accesses of the code under test are lifted (lift.h) besides; where nobody
 * reduces only that code is observed. */
bool observe_start(observe_sink *sink, void *arg, bool lifts, struct err *err);
void observe_stop(void);

/* Forgets the numbers of the schedule before, and gives some to what is reachable from root (the scenario's object). */
void observe_begin_schedule(PyObject *root);
void observe_end_schedule(void); /* lets go of the objects */

/* The cell of a whole object, or of its key or attribute: for the virtual locks and the like. */
uint64_t observe_cell(PyObject *object, PyObject *key_or_null);

/* The names of C functions, types and opcodes whose effects could not be seen, in the order of their coming, and how
 * often each was met. */
void observe_unseen_names(struct strlist *out);

/* For tests: how many instructions had a depth that did not agree with the interpreter (3.11) or with the value that
 * the instruction before had just loaded; and how many were compared. */
void observe_self_check(bool on);
void observe_self_check_result(uint64_t *compared, uint64_t *wrong);

#endif
