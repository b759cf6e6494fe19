/* A random walk: at each point another thread runs with some probability.
 *
 * A single probability serves programs of one length only: at 1/2 no thread ever gets far, at 1/64 a short program is
 * never interrupted. So each schedule draws its own. The number of points between two switches is then geometric, and
 * is drawn at once (`skip`), so that most points cost nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "platform/mem.h"
#include "platform/rng.h"
#include "strategy/strategy.h"
#include "strategy/wording.h"

#define RAREST_SWITCH 6 /* probabilities are 2^-1 to 2^-6 */
#define TIME_PASSES 8   /* at a forced point, one in so many lets time pass although somebody could run */

struct random_walk {
  struct rng rng;
  unsigned rarity; /* of this schedule: a switch at one point in 2^rarity */
  uint64_t schedules;
};

static void *random_open(const struct strategy_options *options) {
  struct random_walk *walk = mem_alloc(sizeof *walk);
  walk->rng.state = options->seed;
  return walk;
}

static bool random_begin(void *state) {
  struct random_walk *walk = state;
  walk->rarity = 1 + (unsigned)rng_below(&walk->rng, RAREST_SWITCH);
  return true;
}

/* Coin by coin, not by a logarithm: the same on every machine, and 2^rarity coins at most on average. */
static uint64_t points_until_switch(struct random_walk *walk) {
  uint64_t points = 0;
  while (rng_below(&walk->rng, UINT64_C(1) << walk->rarity) != 0) {
    points++;
  }
  return points;
}

/* One of the threads in that state, `but` left out, each as likely as the next; -1 for none. */
static int any_in_state(struct random_walk *walk, const struct strategy_point *point, bool runnable, bool timed,
                        int but) {
  int found[STRATEGY_MOST_THREADS], count = 0;
  for (int i = 0; i < point->threads; i++) {
    bool fits = (runnable && point->states[i] == THREAD_RUNNABLE) || (timed && point->states[i] == THREAD_TIMED);
    if (fits && i != but) {
      found[count++] = i;
    }
  }
  return count ? found[rng_below(&walk->rng, (uint64_t)count)] : -1;
}

static struct strategy_choice random_choose(void *state, const struct strategy_point *point) {
  struct random_walk *walk = state;
  int thread;
  if (!point->forced) {
    /* Sleepers count like the others: that time passes here is how they meet them. */
    thread = any_in_state(walk, point, true, true, point->running);
  } else {
    bool time_passes = rng_below(&walk->rng, TIME_PASSES) == 0;
    thread = any_in_state(walk, point, !time_passes, time_passes, point->running);
    if (thread < 0) {
      thread = any_in_state(walk, point, time_passes, !time_passes, point->running);
    }
  }
  if (thread < 0) {
    thread = strategy_default(point);
  }
  return (struct strategy_choice){.thread = thread, .skip = points_until_switch(walk)};
}

static uint64_t random_choose_number(void *state, uint64_t bound) {
  struct random_walk *walk = state;
  return rng_below(&walk->rng, bound);
}

static void random_end(void *state, bool failed, uint64_t steps) {
  struct random_walk *walk = state;
  (void)failed, (void)steps;
  walk->schedules++;
}

static void random_claim(const void *state, struct strategy_claim *claim) {
  const struct random_walk *walk = state;
  *claim = (struct strategy_claim){.done = -1, .bound = -1};
  snprintf(claim->text, sizeof claim->text, "%s random schedule%s %s run", wording_count(walk->schedules).text,
           wording_s(walk->schedules), walk->schedules == 1 ? "was" : "were");
}

static const struct strategy random_walk = {
    .name = "random",
    .summary = "a random walk, with more and with fewer switches",
    .controlled = true,
    .open = random_open,
    .begin = random_begin,
    .choose = random_choose,
    .choose_number = random_choose_number,
    .end = random_end,
    .claim = random_claim,
    .close = free,
};
REGISTRY_ADD(strategies, struct strategy, random_walk);
