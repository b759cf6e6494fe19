/* PCT: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding
 * Bugs", ASPLOS 2010.
 *
 * Every thread has a random priority, and the highest that can run does. At d-1 random steps of a schedule's k the
 * thread that runs falls below all others. A bug that needs d ordering constraints is found by one schedule with
 * probability at least 1 / (n * k^(d-1)).
 *
 * n and k are learned: a schedule with more threads or steps than were reckoned with proves nothing, nor do those
 * before it, so that the claim counts from the next one.
 *
 * Time: a thread that waits with a deadline has a priority like the others, and time jumps when its is the highest.
 * Once it waits again it is the lowest of all, or a loop that sleeps would be woken for ever and nobody else would run.
 * The same befalls one that is made to yield because it ran for so long: it spins, and waits for the others. */
#include <stdio.h>
#include <stdlib.h>

#include "platform/mem.h"
#include "platform/rng.h"
#include "strategy/strategy.h"
#include "strategy/wording.h"

#define DEFAULT_DEPTH 3
#define MOST_DEPTH 16
#define FIRST_GUESS 64 /* steps, of the first schedule */

struct pct {
  struct rng rng;
  int depth;
  int most_threads;    /* n */
  uint64_t most_steps; /* k: change points are drawn from 1 to this */
  uint64_t schedules;
  uint64_t counted; /* of them, those that the bound holds for */

  /* The schedule that runs. */
  uint64_t changes[MOST_DEPTH]; /* ascending */
  int change_count, changes_made;
  uint64_t steps; /* switch points so far; counted until the last change only */
  int threads;
  int64_t lowest; /* priorities given out below all others: -1, -2, … */
  int64_t priority[STRATEGY_MOST_THREADS];
  bool time_jumped[STRATEGY_MOST_THREADS]; /* it was woken early, and has not waited since */
};

static void *pct_open(const struct strategy_options *options) {
  struct pct *pct = mem_alloc(sizeof *pct);
  pct->rng.state = options->seed;
  pct->depth = options->depth > 0 ? options->depth : DEFAULT_DEPTH;
  if (pct->depth > MOST_DEPTH) {
    pct->depth = MOST_DEPTH;
  }
  pct->most_steps = FIRST_GUESS;
  return pct;
}

static bool pct_begin(void *state) {
  struct pct *pct = state;
  pct->steps = 0;
  pct->threads = 0;
  pct->lowest = 0;
  pct->changes_made = 0;
  pct->change_count = pct->depth - 1;
  for (int i = 0; i < pct->change_count; i++) {
    uint64_t change = 1 + rng_below(&pct->rng, pct->most_steps);
    int at = i;
    for (; at > 0 && pct->changes[at - 1] > change; at--) {
      pct->changes[at] = pct->changes[at - 1];
    }
    pct->changes[at] = change;
  }
  return true;
}

/* Of three ranks: drawn at first (above MOST_DEPTH), left at a change point (1 to d-1), and below them (negative). */
static void meet_new_threads(struct pct *pct, int threads) {
  for (; pct->threads < threads; pct->threads++) {
    pct->priority[pct->threads] = (int64_t)(rng_next(&pct->rng) >> 2) + MOST_DEPTH + 1;
    pct->time_jumped[pct->threads] = false;
  }
  if (threads > pct->most_threads) {
    pct->most_threads = threads;
    pct->counted = 0;
  }
}

static void change_priorities(struct pct *pct, const struct strategy_point *point) {
  int running = point->running;
  if (!point->forced) {
    pct->steps++;
    for (; pct->changes_made < pct->change_count && pct->changes[pct->changes_made] <= pct->steps;
         pct->changes_made++) {
      pct->priority[running] = pct->change_count - pct->changes_made;
    }
  } else if (running >= 0 && (pct->time_jumped[running] || point->states[running] == THREAD_RUNNABLE)) {
    pct->priority[running] = --pct->lowest;
    pct->time_jumped[running] = false;
  }
}

/* Points may only be passed over when none of them has to be counted, and when nobody can come who has to run at once:
 * one that waits, or one that was not there yet. */
static uint64_t may_skip(const struct pct *pct, const struct strategy_point *point, int thread) {
  if (pct->changes_made < pct->change_count || pct->threads < pct->most_threads) {
    return 0;
  }
  for (int i = 0; i < point->threads; i++) {
    if (point->states[i] != THREAD_ENDED && pct->priority[i] > pct->priority[thread]) {
      return 0;
    }
  }
  return STRATEGY_ALL_POINTS;
}

static struct strategy_choice pct_choose(void *state, const struct strategy_point *point) {
  struct pct *pct = state;
  meet_new_threads(pct, point->threads);
  change_priorities(pct, point);
  int best = -1;
  for (int i = 0; i < point->threads; i++) {
    bool may_run = point->states[i] == THREAD_RUNNABLE || point->states[i] == THREAD_TIMED;
    if (may_run && (best < 0 || pct->priority[i] > pct->priority[best])) {
      best = i;
    }
  }
  if (point->states[best] == THREAD_TIMED) {
    pct->time_jumped[best] = true;
  }
  return (struct strategy_choice){.thread = best, .skip = may_skip(pct, point, best)};
}

static uint64_t pct_choose_number(void *state, uint64_t bound) {
  struct pct *pct = state;
  return rng_below(&pct->rng, bound);
}

static void pct_end(void *state, bool failed, uint64_t steps) {
  struct pct *pct = state;
  (void)failed;
  uint64_t longest = steps > pct->steps ? steps : pct->steps;
  bool first = pct->schedules++ == 0;
  pct->counted++;
  if (first || longest > pct->most_steps) {
    pct->most_steps =
        longest + longest / 8 + 1; /* some more, so as not to begin anew with each that is longer by one */
    pct->counted = 0;
  }
}

/* (1 - 1 / (n * k^(d-1)))^counted; not below what reads as a number rather than as 0 */
static double chance_of_missing(const struct pct *pct) {
  double space = pct->most_threads > 0 ? pct->most_threads : 1;
  for (int i = 1; i < pct->depth; i++) {
    space *= (double)pct->most_steps;
  }
  double result = 1, power = 1 - 1 / space;
  for (uint64_t n = pct->counted; n; n >>= 1, power *= power) {
    if (n & 1) {
      result *= power;
    }
  }
  return result > 1e-99 ? result : 1e-99;
}

static void pct_claim(const void *state, struct strategy_claim *claim) {
  const struct pct *pct = state;
  *claim = (struct strategy_claim){.done = -1, .bound = -1};
  snprintf(claim->text, sizeof claim->text,
           "%s schedule%s by PCT at depth %d: a bug of depth %d is missed by all of them with probability at most %.3g "
           "(%d threads, %s steps)",
           wording_count(pct->schedules).text, wording_s(pct->schedules), pct->depth, pct->depth,
           chance_of_missing(pct), pct->most_threads, wording_count(pct->most_steps).text);
}

static const struct strategy pct = {
    .name = "pct",
    .summary = "random priorities with few changes: finds bugs of small depth with a known probability (ASPLOS 2010)",
    .controlled = true,
    .open = pct_open,
    .begin = pct_begin,
    .choose = pct_choose,
    .choose_number = pct_choose_number,
    .end = pct_end,
    .claim = pct_claim,
    .close = free,
};
REGISTRY_ADD(strategies, struct strategy, pct);
