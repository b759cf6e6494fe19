/* An actor of a scenario as a body for a carrier: a Python thread state of its own, and the calls of its method. */
#ifndef FF_PYTHON_ACTOR_H
#define FF_PYTHON_ACTOR_H

#include "python/python.h"

#include "carrier/carrier.h"
#include "python/scenario.h"

struct actor_run {
  const struct scenario_actor *actor;
  PyObject *object;   /* the scenario object, borrowed for the length of the trial */
  uint64_t calls;     /* to make */
  const bool *stop;   /* set (relaxed) when no further call shall begin */
  uint64_t completed; /* calls that ended without an exception; the carrier's until it has joined */
  bool raised;
  /* Called on the actor's thread, with the GIL held and the exception set; takes the exception. */
  void (*on_raise)(void *arg, const char *actor);
  void *on_raise_arg;
  void *token; /* sync.h's, from actor_starting() */
  /* private */
  PyGILState_STATE gil;
  PyThreadState *released;
};

/* Before the actor is run, on the thread that has it run. GIL held. */
void actor_starting(struct actor_run *run);

struct carrier_body actor_body(struct actor_run *run);

/* The same as the body of a logical thread: `arg` is the struct actor_run, the thread state is there, the GIL held. */
void actor_run_logical(void *arg);

#endif
