/* Vehicles: a strand of a carrier with a Python thread state, made once and used by one logical thread after another.
 * GIL held, but where it says so. */
#ifndef FF_PYTHON_FLEET_H
#define FF_PYTHON_FLEET_H

#include "python/python.h"

#include "carrier/carrier.h"

struct vehicle {
  const struct carrier *carrier;
  struct strand *strand;
  PyThreadState *tstate;
  int index; /* the logical thread that it serves; -1: home */
  void (*serve)(int index);
};

/* The caller's own vehicle on that carrier; the same at each call. */
struct vehicle *fleet_home(const struct carrier *carrier, struct err *err);

/* The vehicle of that number on that carrier, parked. Each time it is handed control it calls serve(index) once; serve
 * hands control on and returns when the vehicle is used again. Its thread state has that ident, and nothing left of the
 * logical thread before. */
struct vehicle *fleet_vehicle(const struct carrier *carrier, int index, unsigned long ident, void (*serve)(int index),
                              struct err *err);

/* Parks `from`, the caller, and lets `to` go on; returns when somebody hands over to `from`. */
void fleet_hand_over(struct vehicle *from, struct vehicle *to);

#endif
