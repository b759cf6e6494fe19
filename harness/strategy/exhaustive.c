#include "strategy/exhaustive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform/mem.h"
#include "strategy/exhaustive_state.h"
#include "strategy/strategy.h"
#include "strategy/wording.h"

#define OWN_PLAN 2 /* preemptions, before the complete space */

static void *exhaustive_open(const struct strategy_options *options) {
  struct exhaustive *state = mem_alloc(sizeof *state);
  state->no_reduction = options->no_reduction;
  state->unbounded = !options->preemptions_given || options->preemptions == STRATEGY_NO_BOUND;
  state->bounded_to = options->preemptions_given ? options->preemptions : OWN_PLAN;
  state->in_unbounded = state->bounded_to < 0;
  bounded_init(&state->bounded, state->bounded_to, state->no_reduction);
  dpor_init(&state->dpor, state->no_reduction);
  return state;
}

static bool exhaustive_begin(void *arg) {
  struct exhaustive *state = arg;
  if (!state->in_unbounded) {
    if (bounded_begin(&state->bounded)) {
      return true;
    }
    if (state->bounded.complete || !state->unbounded) {
      return false;
    }
    state->in_unbounded = true;
  }
  return dpor_begin(&state->dpor);
}

static struct strategy_choice exhaustive_choose(void *arg, const struct strategy_point *point) {
  struct exhaustive *state = arg;
  return state->in_unbounded ? dpor_choose(&state->dpor, point) : bounded_choose(&state->bounded, point);
}

static uint64_t exhaustive_choose_number(void *arg, uint64_t bound) {
  struct exhaustive *state = arg;
  return state->in_unbounded ? dpor_choose_number(&state->dpor, bound) : bounded_choose_number(&state->bounded, bound);
}

static void exhaustive_end(void *arg, bool failed, uint64_t steps) {
  struct exhaustive *state = arg;
  (void)failed, (void)steps;
  if (state->in_unbounded) {
    dpor_end(&state->dpor);
  } else {
    bounded_end(&state->bounded);
  }
}

static void exhaustive_touch(void *arg, uint64_t cell, bool write) {
  struct exhaustive *state = arg;
  if (!state->no_reduction) {
    trace_touch(state->in_unbounded ? &state->dpor.trace : &state->bounded.trace, cell, write);
  }
}

static bool exhaustive_wants_touch(const void *arg) {
  const struct exhaustive *state = arg;
  return !state->no_reduction;
}

static bool exhaustive_is_redundant(const void *arg) {
  const struct exhaustive *state = arg;
  return state->in_unbounded && state->dpor.redundant;
}

/* "every schedule with up to 2 preemptions was run or is equivalent to one that was (1,204 schedules)" */
static int say_what_was_run(const struct exhaustive *state, const struct strategy_claim *claim, char *text,
                            size_t size) {
  uint64_t runs = state->bounded.runs + (claim->complete || claim->bound < 0 ? state->dpor.runs : 0);
  const char *or_equal = state->no_reduction ? "" : " or is equivalent to one that was";
  if (claim->complete) {
    return snprintf(text, size, "every schedule of the scenario was run%s (%s schedule%s)", or_equal,
                    wording_count(runs).text, wording_s(runs));
  }
  if (claim->bound < 0) {
    return snprintf(text, size, "%s schedule%s %s run", wording_count(runs).text, wording_s(runs),
                    runs == 1 ? "was" : "were");
  }
  char preemptions[48];
  snprintf(preemptions, sizeof preemptions,
           claim->bound ? "with up to %" PRId64 " preemption%s" : "without preemptions", claim->bound,
           wording_s((uint64_t)claim->bound));
  return snprintf(text, size, "every schedule %s was run%s (%s schedule%s)", preemptions, or_equal,
                  wording_count(runs).text, wording_s(runs));
}

static void say_how_far(const struct exhaustive *state, const struct strategy_claim *claim, char *text, size_t size) {
  double percent = claim->done * 100;
  if (state->in_unbounded) {
    snprintf(text, size, ", and of the unbounded space about %.*f %%", percent < 1 ? 3 : 0, percent);
  } else if (state->bounded.level == 0) {
    snprintf(text, size, ", and of those without preemptions that are known %.0f %%", percent);
  } else {
    snprintf(text, size, ", and of those with %" PRId64 " that are known %.0f %%", state->bounded.level, percent);
  }
}

static void exhaustive_claim(const void *arg, struct strategy_claim *claim) {
  const struct exhaustive *state = arg;
  *claim = (struct strategy_claim){.done = -1, .bound = -1};
  if (state->bounded.diverged || state->dpor.diverged) {
    uint64_t runs = state->bounded.runs + state->dpor.runs;
    snprintf(claim->text, sizeof claim->text,
             "nothing can be claimed: the same choices did not lead to the same steps (%s schedule%s %s run)",
             wording_count(runs).text, wording_s(runs), runs == 1 ? "was" : "were");
    return;
  }
  claim->bound = state->bounded.completed;
  claim->complete = state->bounded.complete || state->dpor.complete;
  bool over = claim->complete || (!state->unbounded && state->bounded.over);
  claim->done = over ? 1 : state->in_unbounded ? dpor_done(&state->dpor) : bounded_done(&state->bounded);
  int used = say_what_was_run(state, claim, claim->text, sizeof claim->text);
  if (!over) {
    say_how_far(state, claim, claim->text + used, sizeof claim->text - (size_t)used);
  }
}

static void exhaustive_close(void *arg) {
  struct exhaustive *state = arg;
  bounded_free(&state->bounded);
  dpor_free(&state->dpor);
  free(state);
}

static const struct strategy exhaustive = {
    .name = "exhaustive",
    .summary = "every schedule: with 0, 1, 2 preemptions, then without a bound; equivalent ones once",
    .controlled = true,
    .open = exhaustive_open,
    .begin = exhaustive_begin,
    .choose = exhaustive_choose,
    .choose_number = exhaustive_choose_number,
    .end = exhaustive_end,
    .claim = exhaustive_claim,
    .close = exhaustive_close,
    .touch = exhaustive_touch,
    .wants_touch = exhaustive_wants_touch,
    .is_redundant = exhaustive_is_redundant,
};
REGISTRY_ADD(strategies, struct strategy, exhaustive);
