#include "strategy/conflicts.h"

#include <stdlib.h>

#include "platform/mem.h"

void conflicts_add(struct conflicts *conflicts, uint64_t place) {
  if (conflicts_visible(conflicts, place)) {
    return;
  }
  cells_index(&conflicts->places, place);
  if (conflicts->count == conflicts->cap) {
    conflicts->cap = conflicts->cap ? conflicts->cap * 2 : 64;
    conflicts->list = mem_grow(conflicts->list, conflicts->cap * sizeof *conflicts->list);
  }
  conflicts->list[conflicts->count++] = place;
}

static bool anything_to_learn(const struct conflicts *conflicts, const struct trace *trace) {
  for (uint32_t i = 0; i < trace->step_count; i++) {
    if (!conflicts_visible(conflicts, trace->steps[i].place) || trace->steps[i].disturbed) {
      return true;
    }
  }
  return false;
}

static uint32_t index_of(struct conflicts *conflicts, uint64_t cell) {
  uint32_t before = conflicts->cells.count, index = cells_index(&conflicts->cells, cell);
  if (index >= conflicts->cell_cap) {
    conflicts->cell_cap = conflicts->cell_cap ? conflicts->cell_cap * 2 : 256;
    conflicts->readers = mem_grow(conflicts->readers, conflicts->cell_cap * sizeof *conflicts->readers);
    conflicts->writers = mem_grow(conflicts->writers, conflicts->cell_cap * sizeof *conflicts->writers);
  }
  if (index == before) {
    conflicts->readers[index] = conflicts->writers[index] = 0;
  }
  return index;
}

/* Threads that touched anything, and those that touched what cannot be seen. */
struct touchers {
  uint64_t any, unknown;
};

static struct touchers note_accesses(struct conflicts *conflicts, const struct trace *trace) {
  struct touchers touchers = {0};
  cells_clear(&conflicts->cells);
  for (uint32_t i = 0; i < trace->step_count; i++) {
    const struct step *step = &trace->steps[i];
    uint64_t bit = UINT64_C(1) << step->thread;
    touchers.any |= step->footprint.touched ? bit : 0;
    touchers.unknown |= step->footprint.unknown ? bit : 0;
    const struct access *access = trace->accesses + step->footprint.first;
    for (uint32_t j = 0; j < step->footprint.count; j++) {
      uint32_t index = index_of(conflicts, access[j].cell);
      *(access[j].write ? &conflicts->writers[index] : &conflicts->readers[index]) |= bit;
    }
  }
  return touchers;
}

static bool conflicts_with_others(struct conflicts *conflicts, const struct trace *trace, const struct step *step,
                                  struct touchers touchers) {
  uint64_t others = ~(UINT64_C(1) << step->thread);
  const struct footprint *mark = &step->footprint;
  if (step->disturbed || (mark->touched && (touchers.unknown & others)) || (mark->unknown && (touchers.any & others))) {
    return true;
  }
  const struct access *access = trace->accesses + mark->first;
  for (uint32_t i = 0; i < mark->count; i++) {
    uint32_t index = index_of(conflicts, access[i].cell);
    uint64_t against = conflicts->writers[index] | (access[i].write ? conflicts->readers[index] : 0);
    if (against & others) {
      return true;
    }
  }
  return false;
}

/* Somebody else changed whether these could run: what each of them would have done there conflicts with that. */
static void add_disturbed(struct conflicts *conflicts, const struct trace *trace, uint32_t by) {
  for (uint64_t left = trace->steps[by].disturbed; left; left &= left - 1) {
    int thread = __builtin_ctzll(left);
    uint32_t next = by + 1;
    while (next < trace->step_count && trace->steps[next].thread != thread) {
      next++;
    }
    conflicts_add(conflicts, next < trace->step_count ? trace->steps[next].place : trace->place[thread]);
  }
}

bool conflicts_learn(struct conflicts *conflicts, const struct trace *trace) {
  if (!anything_to_learn(conflicts, trace)) {
    return false;
  }
  uint32_t before = conflicts->count;
  struct touchers touchers = note_accesses(conflicts, trace);
  for (uint32_t i = 0; i < trace->step_count; i++) {
    const struct step *step = &trace->steps[i];
    if (!conflicts_visible(conflicts, step->place) && conflicts_with_others(conflicts, trace, step, touchers)) {
      conflicts_add(conflicts, step->place);
    }
    add_disturbed(conflicts, trace, i);
  }
  if (trace->cut) {
    conflicts_add(conflicts, trace->steps[trace->step_count - 1].place);
  }
  return conflicts->count > before;
}

void conflicts_free(struct conflicts *conflicts) {
  cells_free(&conflicts->places);
  cells_free(&conflicts->cells);
  free(conflicts->list);
  free(conflicts->readers);
  free(conflicts->writers);
}
