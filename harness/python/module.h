/* The Python module `flashflood` that scenarios import: marks for actors, invariants, set-up and control, and what a
 * scenario asks of the harness while it runs. docs/scenarios.md is its manual.
 *
 *   @actor, @actor(calls=4, stress_calls=1000, many=True)   a logical thread; its method is called `calls` times
 *   @invariant     checked when all actors have ended; an exception from it is a finding
 *   @setup         a static or class method, called once a worker, before the first scenario object is made
 *   @control       called on a fresh object before the control, in which the actors run one after the other
 *   reach(name)    "control came here": counted in the coverage, demanded by must_reach
 *   choose(n)      an integer from 0 to n - 1 that the engine picks, from its seed
 *   udp_sink()     (host, port) of a UDP socket on loopback that the harness owns and drains
 *   engine()       "stress", "explore" or "replay" */
#ifndef FF_PYTHON_MODULE_H
#define FF_PYTHON_MODULE_H

#include "python/python.h"

#include <stdint.h>

#include "platform/buf.h"

/* The attribute that a mark leaves on a function: a dict {"mark": "actor", …}. */
#define MODULE_MARK "__flashflood__"

PyObject *module_init(void);

/* What the module answers and counts; the worker sets it before the scenario is imported. One a process. */
struct module_host {
  const char *engine;
  uint64_t (*choose)(void *arg, uint64_t bound);
  void *arg;
};
void module_set_host(const struct module_host *host);

/* How often reach(name) was called so far; 0 for a name that never was. */
uint64_t module_reached(const char *name);
/* Forgets all counts (after the control). */
void module_forget_reached(void);
/* The names of all points reached so far. */
void module_reached_names(struct strlist *out);

/* The function in a staticmethod or classmethod, which keeps the mark; any other object itself. A new reference. */
PyObject *module_bare(PyObject *function);

#endif
