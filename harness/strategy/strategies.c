#include "strategy/strategy.h"

REGISTRY_DEFINE(strategies, struct strategy);

static bool somebody_runnable(const struct strategy_point *point) {
  for (int i = 0; i < point->threads; i++) {
    if (point->states[i] == THREAD_RUNNABLE) {
      return true;
    }
  }
  return false;
}

int strategy_default(const struct strategy_point *point) {
  if (!point->forced) {
    return point->running;
  }
  int self = -1; /* forced and yet runnable: it has run for so long that somebody else should */
  for (int i = 0; i < point->threads; i++) {
    if (point->states[i] == THREAD_RUNNABLE && i != point->running) {
      return i;
    }
    if (point->states[i] == THREAD_RUNNABLE) {
      self = i;
    }
  }
  return self >= 0 ? self : point->next_timed;
}

bool strategy_is_preemption(const struct strategy_point *point, int thread) {
  if (!point->forced) {
    return thread != point->running;
  }
  return point->states[thread] == THREAD_TIMED && (somebody_runnable(point) || thread != point->next_timed);
}
