/* The text of a search, a fact a line:
 *
 *   flashflood exhaustive 1
 *   plan BOUNDED_TO UNBOUNDED NO_REDUCTION IN_UNBOUNDED
 *   bounded LEVEL COMPLETED COMPLETE OVER DIVERGED MORE RUNS RUNS_HERE
 *   place NUMBER                               visible; any number of these
 *   here INDEX:VALUE …                         schedules of this level, and of the next; the last first
 *   next INDEX:VALUE …
 *   dpor COMPLETE DIVERGED RUNS REDUNDANT_RUNS
 *   thread CHOSEN ENABLED BACKTRACK DONE       the choices on the way to the next schedule
 *   number VALUE BOUND
 *   end */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "strategy/exhaustive.h"
#include "strategy/exhaustive_state.h"

#define HEADER "flashflood exhaustive 1"

static void save_bounded(const struct bounded *bounded, struct buf *out) {
  bool running = bounded->in_schedule;
  buf_printf(out, "bounded %" PRId64 " %" PRId64 " %d %d %d %d %" PRIu64 " %" PRIu64 "\n", bounded->level,
             bounded->completed, bounded->complete, bounded->over, bounded->diverged,
             running ? bounded->more_before : bounded->more, bounded->runs, bounded->runs_here);
  for (uint32_t i = 0; i < bounded->conflicts.count; i++) {
    buf_printf(out, "place %" PRIu64 "\n", bounded->conflicts.list[i]);
  }
  if (running) {
    buf_puts(out, "here");
    for (size_t i = 0; i < bounded->count; i++) {
      buf_printf(out, " %" PRIu64 ":%" PRIu64, bounded->deviations[i].index, bounded->deviations[i].value);
    }
    buf_puts(out, "\n");
  }
  worklist_save(&bounded->here, running ? bounded->here_before : bounded->here.bytes.len, "here", out);
  worklist_save(&bounded->next, running ? bounded->next_before : bounded->next.bytes.len, "next", out);
}

static void save_dpor(const struct dpor *dpor, struct buf *out) {
  uint32_t count = dpor->in_schedule && dpor->prefix < dpor->node_count ? dpor->prefix : dpor->node_count;
  buf_printf(out, "dpor %d %d %" PRIu64 " %" PRIu64 "\n", dpor->complete, dpor->diverged, dpor->runs,
             dpor->redundant_runs);
  for (uint32_t i = 0; i < count; i++) {
    const struct node *node = &dpor->nodes[i];
    if (node->number) {
      buf_printf(out, "number %" PRIu64 " %" PRIu64 "\n", node->value, node->bound);
    } else {
      buf_printf(out, "thread %d %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", node->chosen, node->enabled, node->backtrack,
                 node->done);
    }
  }
}

bool exhaustive_save(const void *arg, struct buf *out) {
  const struct exhaustive *state = arg;
  if (state->bounded.diverged || state->dpor.diverged) {
    return false;
  }
  buf_printf(out, HEADER "\nplan %" PRId64 " %d %d %d\n", state->bounded_to, state->unbounded, state->no_reduction,
             state->in_unbounded);
  save_bounded(&state->bounded, out);
  save_dpor(&state->dpor, out);
  buf_puts(out, "end\n");
  return true;
}

static bool load_plan(struct exhaustive *state, const char *line, struct err *err) {
  int64_t bounded_to;
  int unbounded, no_reduction, in_unbounded;
  if (sscanf(line, "plan %" SCNd64 " %d %d %d", &bounded_to, &unbounded, &no_reduction, &in_unbounded) != 4) {
    return err_set(err, ERR_USAGE, "the saved search has no plan in line 2; begin anew without it");
  }
  if (bounded_to != state->bounded_to || unbounded != state->unbounded || no_reduction != state->no_reduction) {
    return err_set(err, ERR_USAGE,
                   "the saved search was made with another --preemptions (%" PRId64
                   "); give the same, or begin anew without it",
                   bounded_to);
  }
  state->in_unbounded = in_unbounded;
  return true;
}

static bool load_bounded(struct bounded *bounded, const char *line) {
  int complete, over, diverged, more;
  if (sscanf(line, "bounded %" SCNd64 " %" SCNd64 " %d %d %d %d %" SCNu64 " %" SCNu64, &bounded->level,
             &bounded->completed, &complete, &over, &diverged, &more, &bounded->runs, &bounded->runs_here) != 8) {
    return false;
  }
  bounded->complete = complete, bounded->over = over, bounded->diverged = diverged, bounded->more = more;
  worklist_clear(&bounded->here);
  worklist_clear(&bounded->next);
  return true;
}

static bool load_dpor(struct dpor *dpor, const char *line) {
  int complete, diverged;
  if (sscanf(line, "dpor %d %d %" SCNu64 " %" SCNu64, &complete, &diverged, &dpor->runs, &dpor->redundant_runs) != 4) {
    return false;
  }
  dpor->complete = complete, dpor->diverged = diverged;
  return true;
}

/* The outcomes of a step with other numbers were known to the search that was saved, and are not to this one. */
static void forget_numbers(struct dpor *dpor) {
  uint32_t i = dpor->node_count;
  while (i && dpor->nodes[i - 1].number) {
    i--;
  }
  if (i) {
    dpor->nodes[i - 1].wakeful = true;
  }
}

static bool load_node(struct dpor *dpor, const char *line) {
  struct node node = {0};
  int chosen = 0;
  node.number = line[0] == 'n';
  int read = node.number ? 2 + sscanf(line, "number %" SCNu64 " %" SCNu64, &node.value, &node.bound)
                         : sscanf(line, "thread %d %" SCNu64 " %" SCNu64 " %" SCNu64, &chosen, &node.enabled,
                                  &node.backtrack, &node.done);
  bool sound = node.number ? node.value < node.bound
                           : chosen >= 0 && chosen < STRATEGY_MOST_THREADS && (node.enabled >> chosen & 1);
  node.chosen = (uint8_t)chosen;
  if (read == 4 && sound) {
    if (node.number) {
      forget_numbers(dpor);
    }
    *dpor_add_node(dpor) = node;
  }
  return read == 4 && sound;
}

static bool load_line(struct exhaustive *state, const char *line) {
  uint64_t place;
  if (strncmp(line, "here", 4) == 0) {
    return worklist_load(&state->bounded.here, line + 4);
  }
  if (strncmp(line, "next", 4) == 0) {
    return worklist_load(&state->bounded.next, line + 4);
  }
  if (strncmp(line, "thread ", 7) == 0 || strncmp(line, "number ", 7) == 0) {
    return load_node(&state->dpor, line);
  }
  if (sscanf(line, "place %" SCNu64, &place) == 1) {
    conflicts_add(&state->bounded.conflicts, place);
    return true;
  }
  return load_bounded(&state->bounded, line) || load_dpor(&state->dpor, line);
}

/* Whether what was read can be gone on with: a list that is not over has an item. */
static bool is_whole(const struct exhaustive *state) {
  return state->in_unbounded || state->bounded.over || state->bounded.here.count > 0;
}

bool exhaustive_load(void *arg, const char *text, size_t len, struct err *err) {
  struct exhaustive *state = arg;
  const char *end = text + len;
  bool ended = false, ok = true;
  for (int number = 1; ok && !ended && text < end; number++) {
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    char *line = mem_dupn(text, (size_t)((stop ? stop : end) - text));
    text = stop ? stop + 1 : end;
    if (number == 1 && strcmp(line, HEADER) != 0) {
      ok = err_set(err, ERR_USAGE, "not a saved search of this version (it begins with '%.60s'); begin anew without it",
                   line);
    } else if (number == 2) {
      ok = load_plan(state, line, err);
    } else if (number > 2 && strcmp(line, "end") == 0) {
      ended = true;
    } else if (number > 2 && !load_line(state, line)) {
      ok = err_set(err, ERR_USAGE, "the saved search is damaged in line %d ('%.60s'); begin anew without it", number,
                   line);
    }
    free(line);
  }
  if (ok && (!ended || !is_whole(state))) {
    ok = err_set(err, ERR_USAGE, "the saved search is cut off; begin anew without it");
  }
  worklist_reverse(&state->bounded.here);
  worklist_reverse(&state->bounded.next);
  return ok;
}
