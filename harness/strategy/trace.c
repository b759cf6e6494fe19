#include "strategy/trace.h"

#include <stdlib.h>

#include "platform/mem.h"

#define SORTED_BY_INSERTION 24

void trace_reset(struct trace *trace) {
  if (!trace->accesses) {
    trace_grow(trace);
  }
  trace->step_count = 0;
  trace->access_count = 0;
  trace->in_step = trace->cut = false;
  trace->threads = 0;
}

void trace_grow(struct trace *trace) {
  trace->access_cap = trace->access_cap ? trace->access_cap * 2 : 256;
  trace->accesses = mem_grow(trace->accesses, trace->access_cap * sizeof *trace->accesses);
}

static int by_cell(const void *a, const void *b) {
  const struct access *left = a, *right = b;
  return left->cell < right->cell ? -1 : left->cell > right->cell;
}

static void sort(struct access *accesses, uint32_t count) {
  if (count > SORTED_BY_INSERTION) {
    qsort(accesses, count, sizeof *accesses, by_cell);
    return;
  }
  for (uint32_t i = 1; i < count; i++) {
    struct access moved = accesses[i];
    uint32_t at = i;
    for (; at > 0 && accesses[at - 1].cell > moved.cell; at--) {
      accesses[at] = accesses[at - 1];
    }
    accesses[at] = moved;
  }
}

static uint64_t bit_of(uint64_t cell) { return UINT64_C(1) << ((cell * 0x9e3779b97f4a7c15u) >> 58); }

/* Sorts the accesses of the step, each cell once, written if any of its accesses is. */
static void seal(struct trace *trace, struct step *step) {
  struct footprint *mark = &step->footprint;
  struct access *from = trace->accesses + mark->first;
  uint32_t count = trace->access_count - mark->first, kept = 0;
  mark->touched = count > 0;
  sort(from, count);
  for (uint32_t i = 0; i < count; i++) {
    if (from[i].cell == STRATEGY_CELL_UNKNOWN) {
      mark->unknown = true;
    } else if (kept && from[kept - 1].cell == from[i].cell) {
      from[kept - 1].write |= from[i].write;
    } else {
      from[kept++] = from[i];
    }
  }
  for (uint32_t i = 0; i < kept; i++) {
    uint64_t bit = bit_of(from[i].cell);
    mark->all |= bit;
    mark->written |= from[i].write ? bit : 0;
  }
  mark->count = kept;
  trace->access_count = mark->first + kept;
}

static bool can_run(enum thread_state state) { return state == THREAD_RUNNABLE || state == THREAD_TIMED; }

void trace_finish(struct trace *trace) {
  if (trace->in_step) {
    struct step *step = &trace->steps[trace->step_count - 1];
    seal(trace, step);
    trace->in_step = false;
    for (int i = 0; i < trace->threads; i++) {
      trace->cut |= i != step->thread && can_run(trace->was[i]);
    }
  }
}

/* What the step that just ended did to the others. */
static void compare_states(struct trace *trace, struct step *step, const struct strategy_point *point) {
  for (int i = 0; i < point->threads; i++) {
    uint64_t bit = UINT64_C(1) << i;
    if (i >= trace->threads) {
      step->footprint.changed |= bit;
    } else if (i != point->running && trace->was[i] != point->states[i]) {
      step->footprint.changed |= bit;
      step->disturbed |= can_run(trace->was[i]) ? bit : 0;
      step->disabled |= can_run(trace->was[i]) && !can_run(point->states[i]) ? bit : 0;
    }
  }
}

void trace_end_step(struct trace *trace, const struct strategy_point *point) {
  if (trace->in_step) {
    trace_finish(trace);
    trace->cut = false; /* it goes on */
    compare_states(trace, &trace->steps[trace->step_count - 1], point);
  }
  for (int i = 0; i < point->threads; i++) {
    trace->was[i] = point->states[i];
    trace->place[i] = i < trace->threads ? trace->place[i] : 0;
  }
  trace->threads = point->threads;
  if (point->running >= 0) {
    trace->place[point->running] = point->forced ? 0 : point->place;
  }
}

void trace_begin_step(struct trace *trace, int thread, uint32_t node) {
  if (trace->step_count == trace->step_cap) {
    trace->step_cap = trace->step_cap ? trace->step_cap * 2 : 64;
    trace->steps = mem_grow(trace->steps, trace->step_cap * sizeof *trace->steps);
  }
  struct step *step = &trace->steps[trace->step_count++];
  *step = (struct step){.thread = thread, .node = node, .place = trace->place[thread]};
  step->footprint.first = trace->access_count;
  trace->in_step = true;
}

void trace_free(struct trace *trace) {
  free(trace->steps);
  free(trace->accesses);
  *trace = (struct trace){0};
}

bool footprint_conflict(const struct footprint *a, const struct access *of_a, int thread_a, const struct footprint *b,
                        const struct access *of_b, int thread_b) {
  if ((a->changed >> thread_b & 1) || (b->changed >> thread_a & 1)) {
    return true;
  }
  if ((a->unknown && b->touched) || (b->unknown && a->touched)) {
    return true;
  }
  if (!((a->all & b->written) | (a->written & b->all))) {
    return false;
  }
  const struct access *left = of_a + a->first, *right = of_b + b->first;
  const struct access *left_end = left + a->count, *right_end = right + b->count;
  while (left < left_end && right < right_end) {
    if (left->cell == right->cell && (left->write || right->write)) {
      return true;
    }
    bool behind = left->cell <= right->cell;
    left += behind;
    right += !behind;
  }
  return false;
}
