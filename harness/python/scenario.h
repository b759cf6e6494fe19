/* A scenario: the Python file that says what to run (docs/scenarios.md), loaded into this interpreter.
 * All calls with the GIL held. */
#ifndef FF_PYTHON_SCENARIO_H
#define FF_PYTHON_SCENARIO_H

#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>

#include "platform/buf.h"
#include "platform/err.h"

struct scenario_actor {
  char *name;            /* of the method */
  uint64_t calls;        /* how often a logical thread calls it in a schedule */
  uint64_t stress_calls; /* the same in a stress trial */
  bool many;             /* more than one logical thread may run it */
  bool takes_call;       /* the method wants to know which call it is, from 0 */
};

struct scenario {
  PyObject *module;
  PyObject *cls;
  struct scenario_actor *actors; /* in the order of their definition */
  size_t actor_count;
  struct strlist invariants;
  struct strlist setups;
  char *control; /* the method that prepares an object for the control, or NULL */
  struct strlist must_reach;
};

/* Imports the file. Errors are ERR_USAGE and name the file, the line and what to do. */
bool scenario_load(const char *path, const char *name, struct scenario *scenario, struct err *err);

/* Calls the set-up methods. */
bool scenario_set_up(const struct scenario *scenario, struct err *err);

/* A fresh object of the scenario's class; NULL with a Python exception set where its constructor raised. */
PyObject *scenario_new(const struct scenario *scenario);

/* Adds the files of the modules that the scenario names in `watch`, beside the package under test. */
void scenario_watched(const struct scenario *scenario, struct strlist *files);

void scenario_free(struct scenario *scenario);

#endif
