/* Which steps of a schedule happen before which, and which pairs race: they conflict, and nothing orders them but that
 * one came first. Flanagan and Godefroid, POPL 2005; Abdulla and others, POPL 2014.
 *
 * Threading: one thread at a time. */
#ifndef FF_STRATEGY_RACES_H
#define FF_STRATEGY_RACES_H

#include "strategy/cells.h"
#include "strategy/trace.h"

struct cell_use; /* who wrote a cell last, and who has read it since */
struct cell_reader;

struct races {
  struct cells cells;
  struct cell_use *uses;
  uint32_t use_cap;
  struct cell_reader *readers;
  uint32_t reader_count, reader_cap;
  int32_t *clocks;      /* of each step: the last step of each thread that happens before it, or is it */
  int32_t *last_before; /* of each step: the last step of all that happens before it; -1: none */
  uint32_t cap, width;
  int32_t last[STRATEGY_MOST_THREADS];          /* step of each thread */
  int32_t last_touching[STRATEGY_MOST_THREADS]; /* that touched anything */
  int32_t last_change[STRATEGY_MOST_THREADS];   /* that changed the thread's state, from outside */
  int32_t last_unknown;
};

typedef void race_found(void *arg, uint32_t first, uint32_t second);

/* Tells of all races whose second step is `from` or a later one. */
void races_find(struct races *races, const struct trace *trace, uint32_t from, race_found *found, void *arg);

void races_free(struct races *races);

#endif
