/* Every schedule: first those with up to K preemptions, K = 0, 1, 2, then all. The strategy is in exhaustive.c.
 *
 * What its claim rests on is the caller's to keep: a step's accesses are all told by touch(), in particular
 * - a lock, event or queue is a cell; each attempt writes it, one that fails too, and so does what ends a wait for it,
 *   a deadline included;
 * - the clock is a cell: who reads the time or computes a deadline reads it, and a thread that runs again after a wait
 *   with a deadline that it ran into writes it, whether or not the clock had come so far already;
 * - a jump of the clock by one thread leaves the others as they are: they stay THREAD_TIMED until chosen or woken;
 * - what one thread cannot see of another, such as the end of a wait, does not depend on anything that is no cell;
 * - STRATEGY_CELL_UNKNOWN is touched where any of that cannot be told.
 * The same choices must lead to the same steps. Where that is seen not to hold, nothing is claimed. */
#ifndef FF_STRATEGY_EXHAUSTIVE_H
#define FF_STRATEGY_EXHAUSTIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/buf.h"
#include "platform/err.h"

/* Where the search of a strategy opened as "exhaustive" is, as text that a new process can go on from. Adds to `out`.
 * A schedule that runs is to be run again. False: there is nothing that could be gone on with. */
bool exhaustive_save(const void *state, struct buf *out);

/* Into a state that was just opened, with the same options. False: it is not such a text, or of other options; the
 * state is then only good for being closed. */
bool exhaustive_load(void *state, const char *text, size_t len, struct err *err);

#endif
