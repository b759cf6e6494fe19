#include "worker/trial.h"

#include <stdlib.h>

#include "platform/mem.h"
#include "python/actor.h"
#include "python/threads.h"

#define OUTLIVE_SECONDS 5.0 /* how long a thread that the trial started may go on after its actors */

static void on_raise(void *arg, const char *actor) {
  struct worker *worker = arg;
  oracle_take_exception(&worker->oracles, actor);
}

struct actor_run *trial_actors(struct worker *worker, PyObject *object, size_t *count, bool stress) {
  struct actor_run *runs = NULL;
  *count = 0;
  for (size_t i = 0; i < worker->scenario.actor_count; i++) {
    const struct scenario_actor *actor = &worker->scenario.actors[i];
    for (uint64_t n = 0; n < worker->threads[i]; n++) {
      runs = mem_grow(runs, (*count + 1) * sizeof *runs);
      runs[(*count)++] = (struct actor_run){.actor = actor,
                                            .object = object,
                                            .calls = stress ? actor->stress_calls : actor->calls,
                                            .stop = &worker->stop,
                                            .on_raise = on_raise,
                                            .on_raise_arg = worker};
      actor_starting(&runs[*count - 1]);
    }
  }
  return runs;
}

static bool run_bodies(struct worker *worker, struct actor_run *runs, size_t count, bool together, struct err *err) {
  struct carrier_body *bodies = mem_alloc(count * sizeof *bodies);
  for (size_t i = 0; i < count; i++) {
    bodies[i] = actor_body(&runs[i]);
  }
  bool ok = true;
  PyThreadState *released = PyEval_SaveThread();
  if (together) {
    ok = worker->carrier->run(bodies, count, err);
  } else {
    for (size_t i = 0; ok && i < count; i++) {
      ok = worker->carrier->run(&bodies[i], 1, err);
    }
  }
  PyEval_RestoreThread(released);
  free(bodies);
  return ok;
}

void trial_count_calls(struct worker *worker, const struct actor_run *runs, size_t count) {
  for (size_t i = 0; i < count; i++) {
    worker->calls[runs[i].actor - worker->scenario.actors] += runs[i].completed;
  }
}

void trial_judge(struct worker *worker, PyObject *object) {
  for (size_t i = 0; i < oracles_count(); i++) {
    const struct oracle *oracle = oracles_at(i);
    if (oracle->judge) {
      oracle->judge(&worker->oracles, object);
    }
  }
}

static bool prepare_control(struct worker *worker, PyObject *object) {
  PyObject *done = PyObject_CallMethod(object, worker->scenario.control, NULL);
  Py_XDECREF(done);
  return done != NULL;
}

PyObject *trial_object(struct worker *worker, bool control) {
  PyObject *object = scenario_new(&worker->scenario);
  if (!object) {
    oracle_take_exception(&worker->oracles, "(constructor)");
    return NULL;
  }
  if (control && worker->scenario.control && !prepare_control(worker, object)) {
    oracle_take_exception(&worker->oracles, "(control)");
  }
  return object;
}

bool trial_run(struct worker *worker, bool together, struct err *err) {
  PyObject *object = trial_object(worker, !together);
  if (!object) {
    return true;
  }
  size_t count = 0;
  struct actor_run *runs = trial_actors(worker, object, &count, together);
  bool ok =
      run_bodies(worker, runs, count, together, err) && threads_join_started(OUTLIVE_SECONDS, &worker->outlived, err);
  if (ok && together) {
    trial_count_calls(worker, runs, count);
  }
  if (ok) {
    trial_judge(worker, object);
  }
  free(runs);
  Py_DECREF(object);
  return ok;
}
