#include "campaign/halving.h"

static bool is_decided(enum probe probe) { return probe == PROBE_GOOD || probe == PROBE_BAD; }

/* The next decided one from `from` on; `count` where there is none. */
static size_t next_decided(const enum probe *probes, size_t count, size_t from) {
  while (from < count && !is_decided(probes[from])) {
    from++;
  }
  return from;
}

/* The unknown one between the two that is closest to their middle. */
static size_t middle(const enum probe *probes, size_t before, size_t after) {
  size_t half = before + (after - before) / 2;
  for (size_t away = 0; away <= after - before; away++) {
    if (half + away < after && probes[half + away] == PROBE_UNKNOWN) {
      return half + away;
    }
    if (away < half - before && probes[half - away] == PROBE_UNKNOWN) {
      return half - away;
    }
  }
  return HALVING_DONE;
}

/* The newest and the oldest that can be tried. */
static size_t next_end(const enum probe *probes, size_t count) {
  size_t oldest = 0, newest = count;
  while (newest > 0 && probes[newest - 1] == PROBE_SKIPPED) {
    newest--;
  }
  while (oldest < count && probes[oldest] == PROBE_SKIPPED) {
    oldest++;
  }
  if (newest == 0) {
    return HALVING_DONE;
  }
  if (probes[newest - 1] == PROBE_UNKNOWN) {
    return newest - 1;
  }
  return probes[oldest] == PROBE_UNKNOWN ? oldest : HALVING_DONE;
}

static size_t next_between_different(const enum probe *probes, size_t count, bool *differ) {
  size_t before = next_decided(probes, count, 0);
  for (size_t after; before < count && (after = next_decided(probes, count, before + 1)) < count; before = after) {
    if (probes[before] != probes[after]) {
      size_t at = middle(probes, before, after);
      *differ = true;
      if (at != HALVING_DONE) {
        return at;
      }
    }
  }
  return HALVING_DONE;
}

/* The middle of the widest gap. */
static size_t next_between_alike(const enum probe *probes, size_t count) {
  size_t best = HALVING_DONE, width = 0;
  size_t before = next_decided(probes, count, 0);
  for (size_t after; before < count && (after = next_decided(probes, count, before + 1)) < count; before = after) {
    size_t at = middle(probes, before, after);
    if (at != HALVING_DONE && after - before > width) {
      best = at;
      width = after - before;
    }
  }
  return best;
}

size_t halving_next(const enum probe *probes, size_t count) {
  bool differ = false;
  size_t at = next_end(probes, count);
  if (at == HALVING_DONE) {
    at = next_between_different(probes, count, &differ);
  }
  size_t first = next_decided(probes, count, 0);
  bool all_good = !differ && first < count && probes[first] == PROBE_GOOD;
  return at == HALVING_DONE && all_good ? next_between_alike(probes, count) : at;
}

bool halving_change(const enum probe *probes, size_t count, size_t from, size_t *before, size_t *after) {
  *before = next_decided(probes, count, from);
  while (*before < count && (*after = next_decided(probes, count, *before + 1)) < count) {
    if (probes[*before] != probes[*after]) {
      return true;
    }
    *before = *after;
  }
  return false;
}

size_t halving_likely(size_t count) {
  size_t halvings = 0;
  for (size_t left = count; left > 1; left /= 2) {
    halvings++;
  }
  return 2 + 2 * halvings;
}
