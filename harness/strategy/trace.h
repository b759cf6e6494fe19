/* What the steps of one schedule did: who ran, from where, which cells were read and written.
 *
 * The arrays stay from schedule to schedule, so that nothing is allocated once they are large enough.
 * Threading: one thread at a time. */
#ifndef FF_STRATEGY_TRACE_H
#define FF_STRATEGY_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strategy/strategy.h"

struct access {
  uint64_t cell;
  bool write;
};

/* The cells of one step, each once, by their number; STRATEGY_CELL_UNKNOWN is not among them. */
struct footprint {
  uint32_t first, count; /* in the array of accesses that it belongs to */
  uint64_t all, written; /* one bit for each cell, by its hash: to tell quickly that two have nothing in common */
  bool unknown;          /* it touched STRATEGY_CELL_UNKNOWN */
  bool touched;          /* it touched anything */
  uint64_t changed;      /* other threads whose state it changed, as a mask: those that it woke, those it made */
};

struct step {
  int thread;
  uint32_t node;      /* the choice that began it; whatever the strategy counts */
  uint64_t place;     /* where the thread was when it last could have been preempted; 0 if it waited, or is new */
  uint64_t disturbed; /* of the threads whose state it changed, those that could have run, as a mask */
  uint64_t disabled;  /* of these, those that cannot any more: a caller whose waits are steps of the waiter has none */
  struct footprint footprint;
};

struct trace {
  struct step *steps;
  uint32_t step_count, step_cap;
  struct access *accesses;
  uint32_t access_count, access_cap;
  bool in_step;
  bool cut;    /* the schedule ended although others could still have run: its last step kept them from it */
  int threads; /* at the last point */
  enum thread_state was[STRATEGY_MOST_THREADS]; /* each one's state there */
  uint64_t place[STRATEGY_MOST_THREADS];        /* where each last was preemptible, or 0 */
};

void trace_reset(struct trace *trace); /* a schedule begins */

/* At a point, first thing: the step that led there is over. */
void trace_end_step(struct trace *trace, const struct strategy_point *point);
void trace_begin_step(struct trace *trace, int thread, uint32_t node);
void trace_finish(struct trace *trace); /* the schedule is over: so is its last step */
void trace_free(struct trace *trace);

void trace_grow(struct trace *trace);

static inline void trace_touch(struct trace *trace, uint64_t cell, bool write) {
  if (!trace->in_step) {
    return; /* before the first choice nobody else runs */
  }
  if (trace->access_count == trace->access_cap) {
    trace_grow(trace);
  }
  trace->accesses[trace->access_count++] = (struct access){cell, write};
}

/* Whether two steps of two threads conflict: a cell of both that one of them writes; what cannot be seen against
 * anything; or one makes the other runnable, or lets it wait no longer. */
bool footprint_conflict(const struct footprint *a, const struct access *of_a, int thread_a, const struct footprint *b,
                        const struct access *of_b, int thread_b);

#endif
