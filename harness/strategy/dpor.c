/* Where the paper has one process with one next step, there are four additions here:
 *
 * - Numbers. A step may end in several ways. Each number is a choice of its own, all its values are explored, and a
 *   thread sleeps until somebody conflicts with any of the ways its step went.
 * - Threads that wait. A wait is a step of the waiter, and what ends it changes the waiter's state, which counts as a
 *   conflict of the two (trace.h). A race of which the second thread could not run before the first step cannot be
 *   reversed. Should a step of one thread ever keep another from running that could have, everything is explored there.
 * - Steps of several accesses. In the paper a step has one, known whoever came before. Here a step that conflicts may
 *   go another way without the other: it gets the lock that it did not get, and goes on to what conflicts with third
 *   steps. So where a race is reversed, the second thread is really explored, whoever else is, and even though it
 *   sleeps, unless the accesses that it sleeps with are those that it made in the race as well.
 * - Schedules that are cut short (a failure, a limit). The last step kept the others from going on, so that everything
 *   is explored there as well: what they do instead shows its own races. A failure that only comes earlier
 *   than steps that are nothing to it is the same failure. */
#include "strategy/dpor_parts.h"

#include <stdlib.h>

#include "platform/mem.h"

static uint64_t bit(int thread) { return UINT64_C(1) << thread; }

void dpor_init(struct dpor *dpor, bool no_reduction) { *dpor = (struct dpor){.no_reduction = no_reduction}; }

bool dpor_begin(struct dpor *dpor) {
  if (dpor->complete) {
    return false;
  }
  dpor->prefix = dpor->node_count;
  dpor->depth = 0;
  dpor->redundant = false;
  dpor->in_schedule = true;
  dpor->asleep_count = dpor->sleeper_next = 0;
  dpor->asleep_threads = 0;
  trace_reset(&dpor->trace);
  return true;
}

/* ---- choices -------------------------------------------------------------------------------------------------------
 */

struct node *dpor_add_node(struct dpor *dpor) {
  if (dpor->node_count == dpor->node_cap) {
    dpor->node_cap = dpor->node_cap ? dpor->node_cap * 2 : 64;
    dpor->nodes = mem_grow(dpor->nodes, dpor->node_cap * sizeof *dpor->nodes);
  }
  struct node *node = &dpor->nodes[dpor->node_count++];
  *node = (struct node){.number = false};
  return node;
}

/* The default choice if it is awake, else the first that is; those that can run before those that time must pass for.
 */
static int first_choice(const struct strategy_point *point, uint64_t awake) {
  int usual = strategy_default(point);
  if (awake & bit(usual)) {
    return usual;
  }
  for (int i = 0; i < point->threads; i++) {
    if ((awake & bit(i)) && point->states[i] == THREAD_RUNNABLE) {
      return i;
    }
  }
  return point->next_timed >= 0 && (awake & bit(point->next_timed)) ? point->next_timed : __builtin_ctzll(awake);
}

/* The node of this point, a new one or one that was here before; NULL if it is not worth going on. */
static struct node *node_at(struct dpor *dpor, const struct strategy_point *point, uint64_t enabled) {
  if (dpor->depth < dpor->node_count) {
    struct node *node = &dpor->nodes[dpor->depth];
    if (!node->number && node->enabled == enabled) {
      return node;
    }
    dpor->diverged = true;
    dpor->node_count = dpor->depth;
  }
  uint64_t awake = enabled & ~dpor->asleep_threads;
  if (!awake) {
    dpor->redundant = true;
    return NULL;
  }
  struct node *node = dpor_add_node(dpor);
  node->chosen = (uint8_t)first_choice(point, awake);
  node->enabled = enabled;
  node->backtrack = dpor->no_reduction ? enabled : bit(node->chosen);
  return node;
}

struct strategy_choice dpor_choose(struct dpor *dpor, const struct strategy_point *point) {
  if (dpor->redundant) {
    return (struct strategy_choice){.thread = strategy_default(point)};
  }
  uint64_t enabled = 0;
  for (int i = 0; i < point->threads; i++) {
    enabled |= point->states[i] == THREAD_RUNNABLE || point->states[i] == THREAD_TIMED ? bit(i) : 0;
  }
  if (!dpor->no_reduction) {
    trace_end_step(&dpor->trace, point);
    if (dpor->asleep_count) {
      dpor_wake_by(dpor, &dpor->trace.steps[dpor->trace.step_count - 1]);
    }
  }
  struct node *node = node_at(dpor, point, enabled);
  if (!node) {
    return (struct strategy_choice){.thread = strategy_default(point)};
  }
  node->sleep = dpor->asleep_threads;
  if (!dpor->no_reduction) {
    dpor_fall_asleep(dpor, dpor->depth);
    node->step = dpor->trace.step_count;
    trace_begin_step(&dpor->trace, node->chosen, dpor->depth);
  }
  dpor->depth++;
  return (struct strategy_choice){.thread = node->chosen};
}

uint64_t dpor_choose_number(struct dpor *dpor, uint64_t bound) {
  if (dpor->redundant) {
    return 0;
  }
  if (dpor->depth < dpor->node_count) {
    const struct node *node = &dpor->nodes[dpor->depth];
    if (node->number && node->bound == bound) {
      dpor->depth++;
      return node->value;
    }
    dpor->diverged = true;
    dpor->node_count = dpor->depth;
  }
  struct node *node = dpor_add_node(dpor);
  node->number = true;
  node->bound = bound;
  dpor->depth++;
  return 0;
}

/* ---- after a schedule ----------------------------------------------------------------------------------------------
 */

/* The second step could come before the first. Then its thread must be explored there, or, if it would still wait for
 * steps that came between, somebody who begins what then happens: one whose first step since waits for nobody (an
 * initial). */
static void reverse(void *arg, uint32_t first, uint32_t second) {
  struct dpor *dpor = arg;
  const struct step *steps = dpor->trace.steps;
  const int32_t *last_before = dpor->races.last_before;
  struct node *node = &dpor->nodes[steps[first].node];
  uint64_t itself = bit(steps[second].thread), initials = 0;
  if (last_before[second] == (int32_t)first) {
    if (!(node->enabled & itself) || (node->backtrack & itself)) {
      return; /* it is the first step that let it run; or it is explored anyway */
    }
    if (!(node->sleep & itself)) {
      node->backtrack |= itself;
    } else if (!dpor_sleeps_the_same(dpor, steps[first].node, &steps[second])) {
      node->backtrack |= itself;
      node->woken |= itself;
    }
    return;
  }
  for (uint32_t i = first + 1; i < second; i++) {
    if (last_before[i] < (int32_t)first) {
      initials |= bit(steps[i].thread);
      if (initials & (node->backtrack | node->sleep)) {
        return;
      }
    }
  }
  uint64_t usable = initials & node->enabled;
  node->backtrack |= usable ? usable & -usable : node->enabled;
}

static void find_races(struct dpor *dpor) {
  const struct trace *trace = &dpor->trace;
  uint32_t from = 0;
  while (from < trace->step_count && trace->steps[from].node < dpor->fresh) {
    from++;
  }
  races_find(&dpor->races, trace, from, reverse, dpor);
  for (uint32_t i = from; i < trace->step_count; i++) {
    if (trace->steps[i].disabled || (trace->cut && i + 1 == trace->step_count)) {
      struct node *node = &dpor->nodes[trace->steps[i].node];
      node->backtrack |= node->enabled;
    }
  }
}

static uint64_t to_explore(const struct node *node) {
  return node->backtrack & node->enabled & ~node->done & ~(node->sleep & ~node->woken) & ~bit(node->chosen);
}

/* To the deepest choice that has an alternative left. */
static void advance(struct dpor *dpor) {
  uint32_t count = dpor->node_count;
  while (count && !(dpor->nodes[count - 1].number ? dpor->nodes[count - 1].value + 1 < dpor->nodes[count - 1].bound
                                                  : to_explore(&dpor->nodes[count - 1]) != 0)) {
    count--;
  }
  dpor->node_count = count;
  if (count == 0) {
    dpor->complete = true;
    return;
  }
  uint32_t thread_node = count - 1;
  while (thread_node && dpor->nodes[thread_node].number) {
    thread_node--;
  }
  dpor_drop_sleepers(dpor, count - 1);
  if (!dpor->no_reduction && !dpor->nodes[thread_node].number && !dpor->nodes[thread_node].wakeful) {
    dpor_add_sleeper(dpor, thread_node);
  }
  struct node *node = &dpor->nodes[count - 1];
  if (node->number) {
    node->value++;
  } else {
    uint64_t next = to_explore(node);
    node->done |= bit(node->chosen);
    node->wakeful = false;
    node->chosen = (uint8_t)__builtin_ctzll(next);
  }
  dpor->fresh = thread_node;
}

void dpor_end(struct dpor *dpor) {
  dpor->in_schedule = false;
  dpor->runs += !dpor->redundant;
  dpor->redundant_runs += dpor->redundant;
  if (dpor->depth < dpor->node_count) {
    dpor->diverged = true;
    dpor->node_count = dpor->depth;
  }
  if (!dpor->no_reduction) {
    trace_finish(&dpor->trace);
    find_races(dpor);
  }
  advance(dpor);
}

double dpor_done(const struct dpor *dpor) {
  double done = dpor->complete ? 1 : 0, weight = 1;
  for (uint32_t i = 0; i < dpor->node_count; i++) {
    const struct node *node = &dpor->nodes[i];
    double explored = (double)node->value, all = (double)node->bound;
    if (!node->number) {
      explored = __builtin_popcountll(node->done);
      all = explored + 1 + __builtin_popcountll(to_explore(node));
    }
    done += weight * explored / all;
    weight /= all;
  }
  return done;
}

void dpor_free(struct dpor *dpor) {
  free(dpor->nodes);
  free(dpor->sleepers);
  free(dpor->sleeper_accesses);
  free(dpor->asleep);
  trace_free(&dpor->trace);
  races_free(&dpor->races);
}
