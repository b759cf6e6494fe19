#include "python/python.h"

#include "python/fleet.h"

#include "platform/mem.h"
#include "python/internals.h"
#include "strategy/strategy.h"

struct fleet {
  const struct carrier *carrier;
  struct vehicle *home;
  struct vehicle *vehicles[STRATEGY_MOST_THREADS];
};

static struct fleet fleets[2]; /* the worker's one run: one for each carrier that it uses */

static struct fleet *fleet_of(const struct carrier *carrier) {
  struct fleet *fleet = &fleets[0];
  while (fleet->carrier && fleet->carrier != carrier) {
    fleet++;
  }
  fleet->carrier = carrier;
  return fleet;
}

struct vehicle *fleet_home(const struct carrier *carrier, struct err *err) {
  struct fleet *fleet = fleet_of(carrier);
  if (!fleet->home) {
    struct strand *strand = carrier->adopt(err);
    if (!strand) {
      return NULL;
    }
    fleet->home = mem_alloc(sizeof *fleet->home);
    *fleet->home = (struct vehicle){.carrier = carrier, .strand = strand, .tstate = PyThreadState_Get(), .index = -1};
  }
  return fleet->home;
}

/* The strand's body. */
static void vehicle_main(void *arg) {
  struct vehicle *vehicle = arg;
  if (!vehicle->carrier->one_os_thread) {
    internals_become_main_thread(); /* first: taking the GIL looks whether signals are this thread's to handle */
    PyEval_RestoreThread(vehicle->tstate);
    internals_follow(vehicle->tstate);
  }
  for (;;) {
    vehicle->serve(vehicle->index);
  }
}

static struct vehicle *make_vehicle(const struct carrier *carrier, int index, void (*serve)(int index),
                                    struct err *err) {
  struct vehicle *vehicle = mem_alloc(sizeof *vehicle);
  *vehicle = (struct vehicle){.carrier = carrier, .index = index, .serve = serve};
  vehicle->tstate = PyThreadState_New(PyThreadState_GetInterpreter(PyThreadState_Get()));
  vehicle->strand = carrier->start(vehicle_main, vehicle, err);
  return vehicle->strand && vehicle->tstate ? vehicle : NULL; /* kept: strands live until the process ends */
}

/* Made as new; replaced where that cannot be. */
static void renew_state(struct vehicle *vehicle) {
  if (internals_wipe(vehicle->tstate) || !vehicle->carrier->one_os_thread) {
    return;
  }
  PyInterpreterState *interpreter = PyThreadState_GetInterpreter(vehicle->tstate);
  PyThreadState_Clear(vehicle->tstate);
  PyThreadState_Delete(vehicle->tstate);
  vehicle->tstate = PyThreadState_New(interpreter);
}

struct vehicle *fleet_vehicle(const struct carrier *carrier, int index, unsigned long ident, void (*serve)(int index),
                              struct err *err) {
  struct fleet *fleet = fleet_of(carrier);
  struct vehicle **place = &fleet->vehicles[index];
  if (!*place) {
    *place = make_vehicle(carrier, index, serve, err);
  } else {
    renew_state(*place);
  }
  if (*place) {
    internals_set_ident((*place)->tstate, ident);
  }
  return *place;
}

void fleet_hand_over(struct vehicle *from, struct vehicle *to) {
  if (from->carrier->one_os_thread) {
    PyThreadState_Swap(to->tstate);
    internals_follow(to->tstate);
    from->carrier->hand_over(from->strand, to->strand);
    return;
  }
  PyEval_SaveThread();
  from->carrier->hand_over(from->strand, to->strand);
  internals_become_main_thread();
  PyEval_RestoreThread(from->tstate);
}
