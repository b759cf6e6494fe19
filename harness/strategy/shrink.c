/* A candidate is the best schedule so far with something taken out or lowered; what its run then really did is the new
 * best if it failed the same and is smaller. So forced switches need no care: they are written down anew each time.
 *
 * A line is taken out by leaving it without a thread to run: its replay passes it over where it was, and the counts of
 * the lines after it stay true. */
#include "strategy/shrink.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "strategy/schedule_text.h"

#define WIDEST_WINDOW 4 /* neighbours that are tried to be left out together */

/* In the order of their weight; less is better. */
enum measure { PREEMPTIONS, SWITCHES, STEPS, NUMBERS, SUM_OF_NUMBERS, SUM_OF_OCCURRENCES, MEASURES };

struct size {
  uint64_t of[MEASURES];
};

struct shrinker {
  struct schedule *best;
  struct size size;
  uint64_t tries;
  uint64_t most_tries;
  uint64_t *tried; /* checksums of the candidates so far: none is run twice */
  size_t tried_count;
  shrink_try *try_it;
  void *arg;
};

static uint64_t add_up_to_most(uint64_t one, uint64_t other) {
  return one > UINT64_MAX - other ? UINT64_MAX : one + other;
}

static struct size size_of(const struct schedule *schedule, uint64_t steps) {
  struct size size = {.of = {[SWITCHES] = schedule->switch_count, [STEPS] = steps, [NUMBERS] = schedule->number_count}};
  for (size_t i = 0; i < schedule->switch_count; i++) {
    size.of[PREEMPTIONS] += schedule->switches[i].how == SWITCH_PREEMPTED;
    size.of[SUM_OF_OCCURRENCES] += schedule->switches[i].occurrence;
  }
  for (size_t i = 0; i < schedule->number_count; i++) {
    size.of[SUM_OF_NUMBERS] = add_up_to_most(size.of[SUM_OF_NUMBERS], schedule->numbers[i]);
  }
  return size;
}

static bool is_smaller(const struct size *one, const struct size *other) {
  int i = 0;
  while (i < MEASURES - 1 && one->of[i] == other->of[i]) {
    i++;
  }
  return one->of[i] < other->of[i];
}

static bool is_spent(const struct shrinker *shrinker) { return shrinker->tries >= shrinker->most_tries; }

static bool was_tried(struct shrinker *shrinker, const struct schedule *candidate) {
  char *text = schedule_write(candidate);
  uint64_t sum = schedule_checksum(text, strlen(text));
  free(text);
  for (size_t i = 0; i < shrinker->tried_count; i++) {
    if (shrinker->tried[i] == sum) {
      return true;
    }
  }
  shrinker->tried = mem_grow(shrinker->tried, (shrinker->tried_count + 1) * sizeof sum);
  shrinker->tried[shrinker->tried_count++] = sum;
  return false;
}

static void keep(char **have, const char *old) {
  if (!*have) {
    *have = mem_dup(old);
  }
}

/* `actual` is taken over; what a run does not know of itself stays as it was. */
static void adopt(struct shrinker *shrinker, struct schedule *actual) {
  struct schedule *best = shrinker->best;
  keep(&actual->scenario, best->scenario);
  keep(&actual->target, best->target);
  keep(&actual->python, best->python);
  keep(&actual->points, best->points);
  keep(&actual->kind, best->kind);
  keep(&actual->fingerprint, best->fingerprint);
  actual->thread_count = best->thread_count;
  schedule_free(best);
  *best = *actual;
  *actual = (struct schedule){0};
}

/* Runs the candidate and frees it. True: it was better, and is the best now. */
static bool attempt(struct shrinker *shrinker, struct schedule *candidate) {
  bool better = false;
  if (!is_spent(shrinker) && !was_tried(shrinker, candidate)) {
    struct schedule actual = {0};
    uint64_t steps = 0;
    shrinker->tries++;
    if (shrinker->try_it(shrinker->arg, candidate, &actual, &steps)) {
      struct size size = size_of(&actual, steps);
      better = is_smaller(&size, &shrinker->size);
      if (better) {
        shrinker->size = size;
        adopt(shrinker, &actual);
      }
    }
    schedule_free(&actual);
  }
  schedule_free(candidate);
  return better;
}

static void take_out(struct schedule_switch *line) {
  free(line->next);
  line->next = mem_dup("");
}

/* ---- moves ----------------------------------------------------------------------------------------------------------
 */

/* Without the preemptions from the `from`th on, `count` of them. */
static bool attempt_without(struct shrinker *shrinker, size_t from, size_t count) {
  struct schedule candidate;
  schedule_copy(&candidate, shrinker->best);
  size_t seen = 0;
  for (size_t i = 0; i < candidate.switch_count; i++) {
    if (candidate.switches[i].how == SWITCH_PREEMPTED) {
      if (seen >= from && seen - from < count) {
        take_out(&candidate.switches[i]);
      }
      seen++;
    }
  }
  return attempt(shrinker, &candidate);
}

static bool without_at_every(struct shrinker *shrinker, size_t count, size_t step) {
  bool better = false;
  for (size_t from = 0; from < shrinker->size.of[PREEMPTIONS] && !is_spent(shrinker);) {
    if (attempt_without(shrinker, from, count)) {
      better = true;
    } else {
      from += step;
    }
  }
  return better;
}

/* Ever smaller parts, as in ddmin; then neighbours, as there and back again go only together. */
static bool fewer_preemptions(struct shrinker *shrinker) {
  bool better = false;
  for (size_t part = shrinker->size.of[PREEMPTIONS]; part > 0; part /= 2) {
    better |= without_at_every(shrinker, part, part);
  }
  for (size_t width = 2; width <= WIDEST_WINDOW; width++) {
    better |= without_at_every(shrinker, width, 1);
  }
  return better;
}

/* Where a thread has to stop, the next is the default one rather than the written one. */
static bool plainer_stops(struct shrinker *shrinker) {
  bool better = false;
  for (size_t i = 0; i < shrinker->best->switch_count && !is_spent(shrinker); i++) {
    if (shrinker->best->switches[i].how != SWITCH_PREEMPTED) {
      struct schedule candidate;
      schedule_copy(&candidate, shrinker->best);
      take_out(&candidate.switches[i]);
      better |= attempt(shrinker, &candidate);
    }
  }
  return better;
}

/* `thread` begins, and the first preemptions are left out. */
static bool attempt_first(struct shrinker *shrinker, const char *thread, size_t without) {
  struct schedule candidate;
  schedule_copy(&candidate, shrinker->best);
  free(candidate.first);
  candidate.first = mem_dup(thread);
  for (size_t i = 0; i < candidate.switch_count && without > 0; i++) {
    if (candidate.switches[i].how == SWITCH_PREEMPTED) {
      take_out(&candidate.switches[i]);
      without--;
    }
  }
  return attempt(shrinker, &candidate);
}

/* With it, switches go that only led to that thread. */
static bool another_first(struct shrinker *shrinker) {
  bool better = false;
  for (size_t i = 0; i < shrinker->best->threads.count; i++) {
    char *thread = mem_dup(shrinker->best->threads.items[i]);
    better |= attempt_first(shrinker, thread, SIZE_MAX);
    for (size_t without = 0; without <= WIDEST_WINDOW; without++) {
      better |= attempt_first(shrinker, thread, without);
    }
    free(thread);
  }
  return better;
}

/* From A to B and at once to C becomes from A to C. */
static bool shorter_ways(struct shrinker *shrinker) {
  bool better = false;
  for (size_t i = 0; i + 1 < shrinker->best->switch_count && !is_spent(shrinker); i++) {
    const struct schedule_switch *lines = &shrinker->best->switches[i];
    if (lines[1].how != SWITCH_PREEMPTED || strcmp(lines[0].thread, lines[1].next) == 0) {
      continue;
    }
    struct schedule candidate;
    schedule_copy(&candidate, shrinker->best);
    free(candidate.switches[i].next);
    candidate.switches[i].next = mem_dup(candidate.switches[i + 1].next);
    take_out(&candidate.switches[i + 1]);
    better |= attempt(shrinker, &candidate);
  }
  return better;
}

static bool attempt_number(struct shrinker *shrinker, size_t index, uint64_t number) {
  struct schedule candidate;
  schedule_copy(&candidate, shrinker->best);
  candidate.numbers[index] = number;
  return attempt(shrinker, &candidate);
}

static bool lower_numbers(struct shrinker *shrinker) {
  struct schedule candidate;
  schedule_copy(&candidate, shrinker->best);
  candidate.number_count = 0; /* replay gives 0 then */
  bool better = attempt(shrinker, &candidate);
  const struct schedule *best = shrinker->best;
  for (size_t i = 0; i < best->number_count && !is_spent(shrinker); i++) {
    uint64_t number;
    while (i < best->number_count && (number = best->numbers[i]) > 0) {
      if (!attempt_number(shrinker, i, 0) && !attempt_number(shrinker, i, number / 2) &&
          !attempt_number(shrinker, i, number - 1)) {
        break;
      }
      better = true;
    }
  }
  return better;
}

static bool attempt_occurrence(struct shrinker *shrinker, size_t line, uint32_t occurrence) {
  struct schedule candidate;
  schedule_copy(&candidate, shrinker->best);
  candidate.switches[line].occurrence = occurrence;
  return attempt(shrinker, &candidate);
}

static bool earlier_stops(struct shrinker *shrinker) {
  const struct schedule *best = shrinker->best;
  bool better = false;
  for (size_t i = 0; i < best->switch_count && !is_spent(shrinker); i++) {
    uint32_t occurrence;
    while (i < best->switch_count && (occurrence = best->switches[i].occurrence) > 1) {
      if (!attempt_occurrence(shrinker, i, 1) && !attempt_occurrence(shrinker, i, occurrence / 2) &&
          !attempt_occurrence(shrinker, i, occurrence - 1)) {
        break;
      }
      better = true;
    }
  }
  return better;
}

uint64_t shrink_schedule(struct schedule *schedule, uint64_t steps, uint64_t most_tries, shrink_try *try_it,
                         void *arg) {
  struct shrinker shrinker = {
      .best = schedule,
      .size = size_of(schedule, steps),
      .most_tries = most_tries,
      .try_it = try_it,
      .arg = arg,
  };
  bool better = true;
  while (better && !is_spent(&shrinker)) {
    better = fewer_preemptions(&shrinker);
    better |= another_first(&shrinker);
    better |= shorter_ways(&shrinker);
    better |= plainer_stops(&shrinker);
    better |= lower_numbers(&shrinker);
    better |= earlier_stops(&shrinker);
  }
  free(shrinker.tried);
  return shrinker.tries;
}
