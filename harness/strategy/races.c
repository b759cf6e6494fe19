#include "strategy/races.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

struct cell_use {
  int32_t writer;  /* a step; -1: none */
  int32_t readers; /* since then: the first of a list, one for each thread; -1: none */
};

struct cell_reader {
  int32_t step, next;
};

/* A step that is being ordered: the last step of each other thread that it conflicts with. */
struct hunt {
  const struct trace *trace;
  int thread;
  int32_t *clock;
  uint64_t threads;
  int32_t last[STRATEGY_MOST_THREADS];
};

static void consider(struct hunt *hunt, int32_t step) {
  if (step < 0) {
    return;
  }
  int thread = hunt->trace->steps[step].thread;
  uint64_t bit = UINT64_C(1) << thread;
  if (thread == hunt->thread || step <= hunt->clock[thread]) {
    return;
  }
  if (!(hunt->threads & bit) || hunt->last[thread] < step) {
    hunt->last[thread] = step;
  }
  hunt->threads |= bit;
}

static struct cell_use *use_of(struct races *races, uint64_t cell) {
  uint32_t before = races->cells.count, index = cells_index(&races->cells, cell);
  if (index >= races->use_cap) {
    races->use_cap = races->use_cap ? races->use_cap * 2 : 256;
    races->uses = mem_grow(races->uses, races->use_cap * sizeof *races->uses);
  }
  if (index == before) {
    races->uses[index] = (struct cell_use){-1, -1};
  }
  return &races->uses[index];
}

static void add_reader(struct races *races, const struct trace *trace, struct cell_use *use, int32_t step) {
  for (int32_t at = use->readers; at >= 0; at = races->readers[at].next) {
    if (trace->steps[races->readers[at].step].thread == trace->steps[step].thread) {
      races->readers[at].step = step;
      return;
    }
  }
  if (races->reader_count == races->reader_cap) {
    races->reader_cap = races->reader_cap ? races->reader_cap * 2 : 256;
    races->readers = mem_grow(races->readers, races->reader_cap * sizeof *races->readers);
  }
  races->readers[races->reader_count] = (struct cell_reader){step, use->readers};
  use->readers = (int32_t)races->reader_count++;
}

/* The last writer of each cell, and for a write the readers since: what came before them is ordered by them. */
static void consider_cells(struct races *races, struct hunt *hunt, const struct step *step, int32_t index) {
  const struct access *access = hunt->trace->accesses + step->footprint.first;
  for (uint32_t i = 0; i < step->footprint.count; i++) {
    struct cell_use *use = use_of(races, access[i].cell);
    consider(hunt, use->writer);
    if (access[i].write) {
      for (int32_t at = use->readers; at >= 0; at = races->readers[at].next) {
        consider(hunt, races->readers[at].step);
      }
      *use = (struct cell_use){index, -1};
    } else {
      add_reader(races, hunt->trace, use, index);
    }
  }
}

static void consider_unknown(struct races *races, struct hunt *hunt, const struct footprint *mark) {
  if (mark->touched) {
    consider(hunt, races->last_unknown);
  }
  for (uint32_t i = 0; mark->unknown && i < races->width; i++) {
    consider(hunt, races->last_touching[i]);
  }
}

static void consider_states(struct races *races, struct hunt *hunt, uint64_t changed) {
  consider(hunt, races->last_change[hunt->thread]);
  for (; changed; changed &= changed - 1) {
    int thread = __builtin_ctzll(changed);
    consider(hunt, races->last[thread]);
    consider(hunt, races->last_change[thread]);
  }
}

/* From the latest on: what one of them is after itself is not a race. */
static void order(struct races *races, struct hunt *hunt, uint32_t index, bool report, race_found *found, void *arg) {
  while (hunt->threads) {
    int latest = -1;
    for (uint64_t left = hunt->threads; left; left &= left - 1) {
      int thread = __builtin_ctzll(left);
      latest = latest < 0 || hunt->last[thread] > hunt->last[latest] ? thread : latest;
    }
    hunt->threads &= ~(UINT64_C(1) << latest);
    int32_t step = hunt->last[latest];
    if (step <= hunt->clock[latest]) {
      continue;
    }
    if (step > races->last_before[index]) {
      races->last_before[index] = step;
    }
    const int32_t *other = races->clocks + (size_t)step * races->width;
    for (uint32_t i = 0; i < races->width; i++) {
      hunt->clock[i] = hunt->clock[i] > other[i] ? hunt->clock[i] : other[i];
    }
    if (report) {
      found(arg, (uint32_t)step, index);
    }
  }
}

static struct hunt begin_hunt(struct races *races, const struct trace *trace, uint32_t index, int thread) {
  struct hunt hunt = {.trace = trace, .thread = thread, .threads = 0};
  hunt.clock = races->clocks + (size_t)index * races->width;
  int32_t own = races->last[thread];
  races->last_before[index] = own;
  if (own >= 0) {
    memcpy(hunt.clock, races->clocks + (size_t)own * races->width, races->width * sizeof *hunt.clock);
  } else {
    memset(hunt.clock, -1, races->width * sizeof *hunt.clock);
  }
  return hunt;
}

static void add_step(struct races *races, const struct trace *trace, uint32_t index, bool report, race_found *found,
                     void *arg) {
  const struct step *step = &trace->steps[index];
  struct hunt hunt = begin_hunt(races, trace, index, step->thread);
  consider_cells(races, &hunt, step, (int32_t)index);
  consider_unknown(races, &hunt, &step->footprint);
  consider_states(races, &hunt, step->footprint.changed);
  order(races, &hunt, index, report, found, arg);
  hunt.clock[step->thread] = (int32_t)index;
  races->last[step->thread] = (int32_t)index;
  if (step->footprint.touched) {
    races->last_touching[step->thread] = (int32_t)index;
  }
  if (step->footprint.unknown) {
    races->last_unknown = (int32_t)index;
  }
  for (uint64_t changed = step->footprint.changed; changed; changed &= changed - 1) {
    races->last_change[__builtin_ctzll(changed)] = (int32_t)index;
  }
}

static void reset(struct races *races, const struct trace *trace) {
  uint32_t width = trace->threads > 0 ? (uint32_t)trace->threads : 1;
  if (trace->step_count > races->cap || width > races->width) {
    races->cap = trace->step_count * 2;
    races->clocks = mem_grow(races->clocks, (size_t)races->cap * STRATEGY_MOST_THREADS * sizeof *races->clocks);
    races->last_before = mem_grow(races->last_before, races->cap * sizeof *races->last_before);
  }
  races->width = width;
  cells_clear(&races->cells);
  races->reader_count = 0;
  races->last_unknown = -1;
  memset(races->last, -1, sizeof races->last);
  memset(races->last_touching, -1, sizeof races->last_touching);
  memset(races->last_change, -1, sizeof races->last_change);
}

void races_find(struct races *races, const struct trace *trace, uint32_t from, race_found *found, void *arg) {
  reset(races, trace);
  for (uint32_t i = 0; i < trace->step_count; i++) {
    add_step(races, trace, i, i >= from, found, arg);
  }
}

void races_free(struct races *races) {
  cells_free(&races->cells);
  free(races->uses);
  free(races->readers);
  free(races->clocks);
  free(races->last_before);
}
