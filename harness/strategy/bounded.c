/* Which preemptions matter.
 *
 * A preemption can only matter before a step that conflicts with one of another thread, so alternatives are made at
 * visible places only (conflicts.h), where a thread cannot go on, and at numbers. When a place turns out to be visible,
 * alternatives of earlier schedules are missing, and the search begins anew with what it learned.
 *
 * That this misses nothing: let V be the places learned when level K was completed, and take any schedule with up to K
 * preemptions. Let its leftmost preemption at a place outside V be of thread p, s the step that p did not start there,
 * and w what the others do until p runs again. (1) If s conflicts with nothing in w, let p do s first and w then. The
 * outcome is the same, and no preemption is added: the one before s is now after it, or none, where s ends in a wait;
 * whoever comes after s would have been switched to from p and now is from the last of w. A jump of time within w cost
 * one already, because p could run. Repeat, until p waits or is at a place in V. (2) Otherwise cut the schedule after
 * the first step t of w that conflicts with s, and let p do s first: up to the first access where the two meet, both do
 * what they did, so that they conflict in this schedule too. Treat its remaining preemptions outside V the same way;
 * each either goes by (1) or gives a shorter schedule with such a pair. What is left in the end has preemptions in V
 * only, at most K; so it, continued by default choices, was run, and showed a conflict of a step that starts outside V.
 * But then the place of that step was learned: there is no case (2).
 *
 * A step with which a schedule is cut short (a failure, a limit) conflicts with all that the others would have done.
 *
 * (Threads that are made to yield because they spin are taken as they come: where exactly is not part of this.) */
#include "strategy/bounded.h"

#include <stdlib.h>

#include "platform/mem.h"

/* Pushes the first `kept` deviations of the schedule that runs, and one more. */
static void push(struct bounded *bounded, struct worklist *list, size_t kept, uint64_t index, uint64_t value) {
  size_t start = list->bytes.len;
  if (kept == bounded->count) {
    buf_add(&list->bytes, bounded->item.data, bounded->item.len);
  } else {
    for (size_t i = 0; i < kept; i++) {
      worklist_put(list, bounded->deviations[i]);
    }
  }
  worklist_put(list, (struct deviation){index, value});
  worklist_close(list, start);
}

static void start_over(struct bounded *bounded) {
  bounded->level = 0;
  bounded->runs_here = 0;
  bounded->more = false;
  worklist_clear(&bounded->here);
  worklist_clear(&bounded->next);
  worklist_close(&bounded->here, 0); /* the default schedule: no deviation */
}

void bounded_init(struct bounded *bounded, int64_t last_level, bool no_reduction) {
  *bounded = (struct bounded){.last_level = last_level, .no_reduction = no_reduction, .completed = -1};
  start_over(bounded);
}

bool bounded_begin(struct bounded *bounded) {
  if (bounded->over) {
    return false;
  }
  size_t length;
  const char *at = worklist_pop(&bounded->here, &length);
  bounded->item.len = 0;
  buf_add(&bounded->item, at, length);
  bounded->count = bounded->at = 0;
  for (const char *end = at + length; at < end; bounded->count++) {
    if (bounded->count == bounded->cap) {
      bounded->cap = bounded->cap ? bounded->cap * 2 : 16;
      bounded->deviations = mem_grow(bounded->deviations, bounded->cap * sizeof *bounded->deviations);
    }
    bounded->deviations[bounded->count] = worklist_take(&at);
  }
  bounded->here_before = bounded->here.bytes.len;
  bounded->next_before = bounded->next.bytes.len;
  bounded->more_before = bounded->more;
  bounded->index = 0;
  bounded->in_schedule = true;
  trace_reset(&bounded->trace);
  return true;
}

/* The deviation that is due at this choice, or NULL. */
static const struct deviation *due(struct bounded *bounded, uint64_t index) {
  if (bounded->at < bounded->count && bounded->deviations[bounded->at].index == index) {
    return &bounded->deviations[bounded->at++];
  }
  return NULL;
}

static void add_alternatives(struct bounded *bounded, const struct strategy_point *point, uint64_t index, int chosen) {
  for (int i = 0; i < point->threads; i++) {
    if (i == chosen || (point->states[i] != THREAD_RUNNABLE && point->states[i] != THREAD_TIMED)) {
      continue;
    }
    if (!strategy_is_preemption(point, i)) {
      push(bounded, &bounded->here, bounded->count, index, (uint64_t)i);
    } else if (bounded->level == bounded->last_level) {
      bounded->more = true;
    } else {
      push(bounded, &bounded->next, bounded->count, index, (uint64_t)i);
    }
  }
}

static int thread_to_run(struct bounded *bounded, const struct strategy_point *point) {
  uint64_t index = bounded->index++;
  int usual = strategy_default(point);
  const struct deviation *deviation = due(bounded, index);
  if (deviation) {
    enum thread_state state =
        deviation->value < (uint64_t)point->threads ? point->states[deviation->value] : THREAD_ENDED;
    if (state == THREAD_RUNNABLE || state == THREAD_TIMED) {
      return (int)deviation->value;
    }
    bounded->diverged = true;
  } else if (bounded->at == bounded->count &&
             (bounded->no_reduction || point->forced || conflicts_visible(&bounded->conflicts, point->place))) {
    add_alternatives(bounded, point, index, usual);
  }
  return usual;
}

struct strategy_choice bounded_choose(struct bounded *bounded, const struct strategy_point *point) {
  if (bounded->no_reduction) {
    return (struct strategy_choice){.thread = thread_to_run(bounded, point)};
  }
  trace_end_step(&bounded->trace, point);
  int thread = thread_to_run(bounded, point);
  trace_begin_step(&bounded->trace, thread, 0);
  return (struct strategy_choice){.thread = thread};
}

/* A number's alternatives come one after the other, each when its predecessor is run: there may be very many. */
uint64_t bounded_choose_number(struct bounded *bounded, uint64_t bound) {
  uint64_t index = bounded->index++;
  bool was_past = bounded->at == bounded->count;
  const struct deviation *deviation = due(bounded, index);
  uint64_t value = deviation ? deviation->value : 0;
  if (value >= bound) {
    bounded->diverged = true;
    return 0;
  }
  bool is_last = deviation && bounded->at == bounded->count;
  if (value + 1 < bound && (is_last || was_past)) {
    push(bounded, &bounded->here, bounded->count - is_last, index, value + 1);
  }
  return value;
}

static void next_level(struct bounded *bounded) {
  if (bounded->level > bounded->completed) {
    bounded->completed = bounded->level;
  }
  if (bounded->next.count == 0 && !bounded->more) {
    bounded->complete = true;
  }
  if (bounded->complete || bounded->level == bounded->last_level) {
    bounded->over = true;
    return;
  }
  /* Alternatives of one place lie side by side and often end alike: shuffled, the first thousand of a level are a
   * sample of it, and what is rare is met sooner. */
  worklist_shuffle(&bounded->next);
  struct worklist empty = bounded->here;
  bounded->here = bounded->next;
  bounded->next = empty;
  bounded->level++;
  bounded->runs_here = 0;
}

void bounded_end(struct bounded *bounded) {
  bounded->in_schedule = false;
  bounded->runs++;
  bounded->runs_here++;
  if (bounded->at < bounded->count) {
    bounded->diverged = true;
  }
  if (!bounded->no_reduction) {
    trace_finish(&bounded->trace);
    if (conflicts_learn(&bounded->conflicts, &bounded->trace)) {
      start_over(bounded);
      return;
    }
  }
  if (bounded->here.count == 0) {
    next_level(bounded);
  }
}

double bounded_done(const struct bounded *bounded) {
  return (double)bounded->runs_here / (double)(bounded->runs_here + bounded->here.count + bounded->in_schedule);
}

void bounded_free(struct bounded *bounded) {
  free(bounded->deviations);
  buf_free(&bounded->item);
  buf_free(&bounded->here.bytes);
  buf_free(&bounded->next.bytes);
  conflicts_free(&bounded->conflicts);
  trace_free(&bounded->trace);
}
