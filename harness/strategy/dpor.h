/* The complete space, one schedule for each class of equivalent ones, or nearly so: source-DPOR with sleep sets.
 *
 * Abdulla, Aronis, Jonsson, Sagonas, "Optimal Dynamic Partial Order Reduction", POPL 2014, algorithm 1. Threading: one
 * thread at a time. */
#ifndef FF_STRATEGY_DPOR_H
#define FF_STRATEGY_DPOR_H

#include "strategy/races.h"
#include "strategy/strategy.h"
#include "strategy/trace.h"

/* A choice on the way to the schedule that runs. Sets of threads are masks. */
struct node {
  bool number;
  bool wakeful; /* what some numbers in the step of `chosen` led to was forgotten: it must not sleep */
  uint8_t chosen;
  uint32_t step; /* that it began, in the schedule that runs */
  uint64_t enabled;
  uint64_t backtrack;    /* to be explored, or explored already */
  uint64_t done;         /* explored; without `chosen` */
  uint64_t sleep;        /* asleep before anything was explored here */
  uint64_t woken;        /* of them, those that are explored all the same */
  uint64_t value, bound; /* of a number */
};

/* A thread need not run before somebody does what conflicts with its step: all that begins with it was explored. Where
 * numbers are chosen within its step there is one for each outcome. */
struct sleeper {
  uint32_t node; /* where it was explored */
  int thread;
  struct footprint footprint; /* accesses in sleeper_accesses */
};

struct dpor {
  bool no_reduction; /* every interleaving */
  bool complete;     /* nothing is left */
  bool diverged;     /* the same choices did not lead to the same choices: nothing can be claimed */
  bool redundant;    /* the rest of the schedule that runs */
  bool in_schedule;
  uint64_t runs, redundant_runs;

  struct node *nodes;
  uint32_t node_count, node_cap;
  uint32_t prefix; /* as many choices are made already in the schedule that runs */
  uint32_t fresh;  /* steps begun by this node and later ones have not been looked at for races */
  uint32_t depth;  /* the node that comes next */

  struct sleeper *sleepers; /* by node */
  uint32_t sleeper_count, sleeper_cap;
  struct access *sleeper_accesses;
  uint32_t sleeper_access_count, sleeper_access_cap;
  uint32_t *asleep; /* of the sleepers, those asleep at this moment */
  uint32_t asleep_count, asleep_cap;
  uint32_t sleeper_next; /* the first one of the nodes to come */
  uint64_t asleep_threads;

  struct trace trace;
  struct races races;
};

void dpor_init(struct dpor *dpor, bool no_reduction);
bool dpor_begin(struct dpor *dpor); /* false: there is none left */
struct strategy_choice dpor_choose(struct dpor *dpor, const struct strategy_point *point);
uint64_t dpor_choose_number(struct dpor *dpor, uint64_t bound);
void dpor_end(struct dpor *dpor);
void dpor_free(struct dpor *dpor);

/* Knuth, "Estimating the Efficiency of Backtrack Programs", 1975: as if the alternatives of each choice were equally
 * large. Those that are not known yet are not counted. */
double dpor_done(const struct dpor *dpor);

/* Adds one behind the last, for a search that is read back. Who slept is not kept: something may then be explored
 * again, nothing is missed. */
struct node *dpor_add_node(struct dpor *dpor);

#endif
