/* Of the strategy `exhaustive`: shared by its parts only. */
#ifndef FF_STRATEGY_EXHAUSTIVE_STATE_H
#define FF_STRATEGY_EXHAUSTIVE_STATE_H

#include "strategy/bounded.h"
#include "strategy/dpor.h"

struct exhaustive {
  int64_t bounded_to; /* the last number of preemptions; -1: none is explored by itself */
  bool unbounded;     /* after that, the complete space */
  bool no_reduction;
  bool in_unbounded; /* that is where it is */
  struct bounded bounded;
  struct dpor dpor;
};

#endif
