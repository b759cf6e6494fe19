/* The strategy that makes the switches of a schedule, where they are written.
 *
 * Strictly: the lines are followed in their order, and where the run does not fit the line that is next, it has
 * diverged: which line and why is kept, and the rest of the run is default choices. Leniently: each thread has its own
 * lines, and follows those; one that cannot be made is left out. That way a schedule with lines taken out of it still
 * means something, as nothing waits for a switch that belonged to what was taken out. */
#include "strategy/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "platform/mem.h"
#include "strategy/replay_lines.h"
#include "strategy/schedule.h"

struct replay {
  const struct schedule *schedule;
  struct replay_lines lines;
  bool lenient;
  bool begun;
  bool first_failed;   /* it diverged before the first line */
  size_t at;           /* strictly: the next line */
  size_t numbers_used; /* of the schedule's */
  struct replay_status status;
};

static void *replay_open(const struct strategy_options *options) {
  struct replay *replay = mem_alloc(sizeof *replay);
  replay->schedule = options->schedule;
  replay_lines_open(&replay->lines, options->schedule);
  return replay;
}

static void replay_close(void *state) {
  struct replay *replay = state;
  replay_lines_close(&replay->lines);
  free(replay);
}

static bool replay_begin(void *state) {
  struct replay *replay = state;
  bool first_time = !replay->begun;
  replay->begun = true;
  return first_time;
}

void replay_name_thread(void *state, int thread, const char *name) {
  struct replay *replay = state;
  replay_lines_name(&replay->lines, thread, name);
}

void replay_set_lenient(void *state, bool lenient) { ((struct replay *)state)->lenient = lenient; }

/* ---- where the run and the schedule part ----------------------------------------------------------------------------
 */

static void diverge(struct replay *replay, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void diverge(struct replay *replay, const char *fmt, ...) {
  char *why = NULL;
  va_list args;
  va_start(args, fmt);
  if (vasprintf(&why, fmt, args) < 0) {
    why = mem_dup("");
  }
  va_end(args);
  replay->status.diverged = true;
  replay->status.diverged_at = replay->at;
  size_t used = 0;
  uint32_t character;
  for (size_t len; (len = text_next(why + used, &character)) > 0 && used + len < sizeof replay->status.why;) {
    used += len; /* whole characters only */
  }
  memcpy(replay->status.why, why, used);
  replay->status.why[used] = '\0';
  free(why);
}

static const char *running_name(const struct replay *replay, const struct strategy_point *point) {
  const char *name = replay_lines_name_of(&replay->lines, point->running);
  return name ? name : "another thread";
}

static void diverge_next(struct replay *replay, const struct strategy_point *point, const char *name, int thread) {
  if (thread < 0 || thread >= point->threads) {
    diverge(replay, "thread '%s' could not run: there was no such thread then", name);
  } else {
    diverge(replay, "thread '%s' could not run: it %s", name,
            point->states[thread] == THREAD_ENDED ? "had ended" : "was waiting for another");
  }
}

/* `line`'s thread had to stop where the line does not say so. */
static void diverge_forced(struct replay *replay, const struct strategy_point *point,
                           const struct schedule_switch *line) {
  const char *did = point->states[point->running] == THREAD_ENDED ? "ended" : "had to wait";
  if (line->how == SWITCH_PREEMPTED) {
    diverge(replay, "thread '%s' %s before it was at %s:%u (%s, %s) for time %u: it was there %u times", line->thread,
            did, line->place.file, line->place.line, line->place.function, line->place.op, line->occurrence,
            replay_lines_seen(&replay->lines, point->running));
  } else {
    diverge(replay, "thread '%s' %s where it %s in the schedule", line->thread, did,
            line->how == SWITCH_ENDED ? "ended" : "waited");
  }
}

/* ---- choices --------------------------------------------------------------------------------------------------------
 */

static bool can_run(const struct strategy_point *point, int thread) {
  return thread >= 0 && thread < point->threads &&
         (point->states[thread] == THREAD_RUNNABLE || point->states[thread] == THREAD_TIMED);
}

static struct strategy_choice no_choice(const struct strategy_point *point, uint64_t skip) {
  return (struct strategy_choice){.thread = strategy_default(point), .skip = skip};
}

static struct strategy_choice choose_first(struct replay *replay, const struct strategy_point *point) {
  int first = replay_lines_thread_of(&replay->lines, replay->schedule->first);
  if (can_run(point, first)) {
    return (struct strategy_choice){.thread = first};
  }
  if (!replay->lenient) {
    replay->first_failed = true;
    diverge_next(replay, point, replay->schedule->first, first);
  }
  return no_choice(point, 0);
}

/* Whether the running thread stops here by `line`, which is its own. */
static bool stops_here(struct replay *replay, const struct strategy_point *point, const struct schedule_switch *line) {
  if (point->forced || line->how != SWITCH_PREEMPTED) {
    return point->forced && line->how != SWITCH_PREEMPTED;
  }
  return replay_lines_is_at(&replay->lines, point->running) &&
         replay_lines_seen(&replay->lines, point->running) == line->occurrence;
}

static struct strategy_choice choose_strictly(struct replay *replay, const struct strategy_point *point) {
  const struct schedule_switch *line = &replay->schedule->switches[replay->at];
  if (!replay_lines_is_own(&replay->lines, replay->at, point->running)) {
    diverge(replay, "thread '%s' was running where '%s' was to stop", running_name(replay, point), line->thread);
    return no_choice(point, 0);
  }
  if (!stops_here(replay, point, line)) {
    /* A wait after which the same thread goes on is no switch; any other one would have a line. */
    if (point->forced && strategy_default(point) != point->running) {
      diverge_forced(replay, point, line);
    }
    return no_choice(point, 0);
  }
  bool ended = point->states[point->running] == THREAD_ENDED;
  int next = replay_lines_thread_of(&replay->lines, line->next);
  if (point->forced && ended != (line->how == SWITCH_ENDED)) {
    diverge_forced(replay, point, line);
  } else if (!can_run(point, next)) {
    diverge_next(replay, point, line->next, next);
  } else {
    replay_lines_pass(&replay->lines, point->running);
    replay->at++;
    replay->status.followed++;
    return (struct strategy_choice){.thread = next};
  }
  return no_choice(point, 0);
}

static struct strategy_choice choose_leniently(struct replay *replay, const struct strategy_point *point) {
  if (point->forced) { /* places that were not reached before this stop are passed over, if the stop has a line */
    enum switch_how how = point->states[point->running] == THREAD_ENDED ? SWITCH_ENDED : SWITCH_WAITS;
    replay_lines_pass_to(&replay->lines, point->running, how);
  }
  const struct schedule_switch *line = replay_lines_current(&replay->lines, point->running);
  if (line && stops_here(replay, point, line)) {
    int next = replay_lines_thread_of(&replay->lines, line->next);
    replay_lines_pass(&replay->lines, point->running);
    if (can_run(point, next)) {
      replay->status.followed++;
      return (struct strategy_choice){.thread = next};
    }
  }
  return no_choice(point, 0);
}

/* Points are told of one by one while they may still matter. */
static struct strategy_choice replay_choose(void *state, const struct strategy_point *point) {
  struct replay *replay = state;
  if (point->running < 0) {
    return choose_first(replay, point);
  }
  if (!point->forced) {
    replay_lines_visit(&replay->lines, point->running, point->place);
  }
  if (replay->lenient) {
    return choose_leniently(replay, point);
  }
  if (replay->status.diverged) { /* goes on to see whether the place is there at all */
    return no_choice(point, 0);
  }
  if (replay->at == replay->schedule->switch_count) {
    return no_choice(point, STRATEGY_ALL_POINTS);
  }
  return choose_strictly(replay, point);
}

static uint64_t replay_choose_number(void *state, uint64_t bound) {
  struct replay *replay = state;
  if (replay->numbers_used == replay->schedule->number_count || bound == 0) {
    return 0;
  }
  uint64_t number = replay->schedule->numbers[replay->numbers_used++];
  return number < bound ? number : bound - 1;
}

static void replay_end(void *state, bool failed, uint64_t steps) {
  struct replay *replay = state;
  (void)failed;
  (void)steps;
  if (replay->lenient) {
    return;
  }
  size_t count = replay->schedule->switch_count;
  if (!replay->status.diverged && replay->at < count) {
    diverge(replay, "the run ended before thread '%s' was to stop", replay->schedule->switches[replay->at].thread);
  }
  if (replay->status.diverged) {
    replay->status.never_there = replay->first_failed
                                     ? replay_lines_thread_of(&replay->lines, replay->schedule->first) < 0
                                     : replay_lines_never_there(&replay->lines, replay->status.diverged_at);
  }
}

void replay_status(const void *state, struct replay_status *status) {
  *status = ((const struct replay *)state)->status;
}

static void replay_claim(const void *state, struct strategy_claim *claim) {
  (void)state;
  *claim = (struct strategy_claim){.done = -1, .bound = -1, .text = "one schedule was replayed"};
}

static const struct strategy replay = {
    .name = "replay",
    .summary = "the switches of a schedule that was kept",
    .controlled = true,
    .open = replay_open,
    .begin = replay_begin,
    .choose = replay_choose,
    .choose_number = replay_choose_number,
    .end = replay_end,
    .claim = replay_claim,
    .close = replay_close,
};
REGISTRY_ADD(strategies, struct strategy, replay);
