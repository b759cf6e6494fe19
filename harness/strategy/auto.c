/* What explore does when nobody says how: first every schedule with up to 2 preemptions, which finds most bugs there
 * are and is over soon; then PCT for as long as there is time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "strategy/strategy.h"

#define PREEMPTIONS 2

struct part {
  const struct strategy *strategy;
  void *state;
};

struct automatic {
  struct part exhaustive, pct;
  bool drawing; /* the exhaustive part is over: schedules are drawn */
  bool drew;
};

static struct part open_part(const char *name, const struct strategy_options *options) {
  const struct strategy *strategy = strategies_find(name);
  return (struct part){strategy, strategy->open(options)};
}

static void *auto_open(const struct strategy_options *options) {
  struct automatic *state = mem_alloc(sizeof *state);
  struct strategy_options bounded = *options;
  if (!options->preemptions_given) {
    bounded.preemptions = PREEMPTIONS;
    bounded.preemptions_given = true;
  }
  state->exhaustive = open_part("exhaustive", &bounded);
  state->pct = open_part("pct", options);
  return state;
}

static const struct part *running(const struct automatic *state) {
  return state->drawing ? &state->pct : &state->exhaustive;
}

/* False when the exhaustive part has shown that there is nothing else. */
static bool auto_begin(void *arg) {
  struct automatic *state = arg;
  if (!state->drawing) {
    if (state->exhaustive.strategy->begin(state->exhaustive.state)) {
      return true;
    }
    struct strategy_claim claim;
    state->exhaustive.strategy->claim(state->exhaustive.state, &claim);
    if (claim.complete) {
      return false;
    }
    state->drawing = true;
  }
  return state->pct.strategy->begin(state->pct.state);
}

static struct strategy_choice auto_choose(void *arg, const struct strategy_point *point) {
  const struct part *part = running(arg);
  return part->strategy->choose(part->state, point);
}

static uint64_t auto_choose_number(void *arg, uint64_t bound) {
  const struct part *part = running(arg);
  return part->strategy->choose_number(part->state, bound);
}

static void auto_end(void *arg, bool failed, uint64_t steps) {
  struct automatic *state = arg;
  const struct part *part = running(state);
  part->strategy->end(part->state, failed, steps);
  state->drew |= state->drawing;
}

static void auto_claim(const void *arg, struct strategy_claim *claim) {
  const struct automatic *state = arg;
  state->exhaustive.strategy->claim(state->exhaustive.state, claim);
  if (state->drew) {
    struct strategy_claim drawn;
    state->pct.strategy->claim(state->pct.state, &drawn);
    size_t used = strlen(claim->text);
    snprintf(claim->text + used, sizeof claim->text - used, "; then %s", drawn.text);
    claim->done = -1; /* drawing has no end */
  }
}

static void auto_close(void *arg) {
  struct automatic *state = arg;
  state->exhaustive.strategy->close(state->exhaustive.state);
  state->pct.strategy->close(state->pct.state);
  free(state);
}

static void auto_touch(void *arg, uint64_t cell, bool write) {
  const struct part *part = running(arg);
  if (part->strategy->touch) {
    part->strategy->touch(part->state, cell, write);
  }
}

static bool auto_wants_touch(const void *arg) {
  const struct part *part = running(arg);
  return part->strategy->touch && (!part->strategy->wants_touch || part->strategy->wants_touch(part->state));
}

static bool auto_is_redundant(const void *arg) {
  const struct part *part = running(arg);
  return part->strategy->is_redundant && part->strategy->is_redundant(part->state);
}

static const struct strategy automatic = {
    .name = "auto",
    .summary = "every schedule with up to 2 preemptions, then PCT",
    .controlled = true,
    .open = auto_open,
    .begin = auto_begin,
    .choose = auto_choose,
    .choose_number = auto_choose_number,
    .end = auto_end,
    .claim = auto_claim,
    .close = auto_close,
    .touch = auto_touch,
    .wants_touch = auto_wants_touch,
    .is_redundant = auto_is_redundant,
};
REGISTRY_ADD(strategies, struct strategy, automatic);
