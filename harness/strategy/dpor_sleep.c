/* Sleep sets: Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996. */
#include <string.h>

#include "platform/mem.h"
#include "strategy/dpor_parts.h"

static uint64_t bit(int thread) { return UINT64_C(1) << thread; }

/* Those whose threads are in the mask sleep no longer. */
static void wake(struct dpor *dpor, uint64_t threads) {
  if (!(threads & dpor->asleep_threads)) {
    return;
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < dpor->asleep_count; i++) {
    if (!(threads >> dpor->sleepers[dpor->asleep[i]].thread & 1)) {
      dpor->asleep[kept++] = dpor->asleep[i];
    }
  }
  dpor->asleep_count = kept;
  dpor->asleep_threads &= ~threads;
}

void dpor_wake_by(struct dpor *dpor, const struct step *step) {
  uint64_t threads = 0;
  for (uint32_t i = 0; i < dpor->asleep_count; i++) {
    const struct sleeper *sleeper = &dpor->sleepers[dpor->asleep[i]];
    if (footprint_conflict(&step->footprint, dpor->trace.accesses, step->thread, &sleeper->footprint,
                           dpor->sleeper_accesses, sleeper->thread)) {
      threads |= bit(sleeper->thread);
    }
  }
  wake(dpor, threads);
}

void dpor_fall_asleep(struct dpor *dpor, uint32_t node) {
  for (; dpor->sleeper_next < dpor->sleeper_count && dpor->sleepers[dpor->sleeper_next].node == node;
       dpor->sleeper_next++) {
    if (dpor->asleep_count == dpor->asleep_cap) {
      dpor->asleep_cap = dpor->asleep_cap ? dpor->asleep_cap * 2 : 64;
      dpor->asleep = mem_grow(dpor->asleep, dpor->asleep_cap * sizeof *dpor->asleep);
    }
    dpor->asleep[dpor->asleep_count++] = dpor->sleeper_next;
    dpor->asleep_threads |= bit(dpor->sleepers[dpor->sleeper_next].thread);
  }
  wake(dpor, bit(dpor->nodes[node].chosen));
}

void dpor_add_sleeper(struct dpor *dpor, uint32_t node) {
  const struct step *step = &dpor->trace.steps[dpor->nodes[node].step];
  if (dpor->sleeper_count == dpor->sleeper_cap) {
    dpor->sleeper_cap = dpor->sleeper_cap ? dpor->sleeper_cap * 2 : 64;
    dpor->sleepers = mem_grow(dpor->sleepers, dpor->sleeper_cap * sizeof *dpor->sleepers);
  }
  struct sleeper *sleeper = &dpor->sleepers[dpor->sleeper_count++];
  *sleeper = (struct sleeper){node, step->thread, step->footprint};
  sleeper->footprint.first = dpor->sleeper_access_count;
  uint32_t needed = dpor->sleeper_access_count + step->footprint.count;
  if (needed >= dpor->sleeper_access_cap) {
    dpor->sleeper_access_cap = needed * 2 + 64;
    dpor->sleeper_accesses =
        mem_grow(dpor->sleeper_accesses, dpor->sleeper_access_cap * sizeof *dpor->sleeper_accesses);
  }
  if (step->footprint.count) {
    memcpy(dpor->sleeper_accesses + dpor->sleeper_access_count, dpor->trace.accesses + step->footprint.first,
           step->footprint.count * sizeof *dpor->sleeper_accesses);
  }
  dpor->sleeper_access_count = needed;
}

void dpor_drop_sleepers(struct dpor *dpor, uint32_t node) {
  while (dpor->sleeper_count && dpor->sleepers[dpor->sleeper_count - 1].node > node) {
    dpor->sleeper_access_count = dpor->sleepers[--dpor->sleeper_count].footprint.first;
  }
}

bool dpor_sleeps_the_same(const struct dpor *dpor, uint32_t node, const struct step *step) {
  const struct sleeper *found = NULL;
  for (uint32_t i = dpor->sleeper_count; i-- > 0;) {
    const struct sleeper *sleeper = &dpor->sleepers[i];
    if (sleeper->node >= node || sleeper->thread != step->thread) {
      continue;
    }
    if (found && found->node != sleeper->node) {
      break;
    }
    if (found) {
      return false; /* it went several ways there, by its numbers */
    }
    found = sleeper;
  }
  if (!found) {
    return false;
  }
  const struct footprint *a = &found->footprint, *b = &step->footprint;
  if (a->count != b->count || a->unknown != b->unknown || a->touched != b->touched || a->changed != b->changed) {
    return false;
  }
  for (uint32_t i = 0; i < a->count; i++) {
    const struct access *left = &dpor->sleeper_accesses[a->first + i], *right = &dpor->trace.accesses[b->first + i];
    if (left->cell != right->cell || left->write != right->write) {
      return false;
    }
  }
  return true;
}
