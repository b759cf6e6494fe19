/* Places where a preemption can matter: those from which a step starts that conflicts with a step of another thread.
 *
 * Threading: one thread at a time. */
#ifndef FF_STRATEGY_CONFLICTS_H
#define FF_STRATEGY_CONFLICTS_H

#include "strategy/cells.h"
#include "strategy/trace.h"

struct conflicts {
  struct cells places; /* that are visible; those learned stay */
  uint64_t *list;      /* the same, in the order of learning */
  uint32_t count, cap;

  struct cells cells; /* of the schedule in hand; who reads and writes each, as masks of threads */
  uint64_t *readers, *writers;
  uint32_t cell_cap;
};

/* Place 0 is not known, and so always visible. */
static inline bool conflicts_visible(const struct conflicts *conflicts, uint64_t place) {
  return place == 0 || cells_has(&conflicts->places, place);
}

void conflicts_add(struct conflicts *conflicts, uint64_t place);

/* Learns from a schedule that has ended. True: at least one place is newly visible. */
bool conflicts_learn(struct conflicts *conflicts, const struct trace *trace);

void conflicts_free(struct conflicts *conflicts);

#endif
