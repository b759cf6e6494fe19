/* Data races of Python code, as lift.h finds them, become findings. */
#ifndef FF_ORACLE_RACE_H
#define FF_ORACLE_RACE_H

#include "oracle/oracle.h"
#include "python/lift.h"

/* Once a process; without it nothing is lifted. */
void oracle_watch_races(const struct oracle_context *context);

/* A race that was found: its places, and whether it had an effect. NULL: none with that fingerprint. */
struct oracle_race {
  char fingerprint[FINGERPRINT_SIZE];
  struct lift_focus focus;
  bool has_effect;
  struct oracle_race *next;
};
const struct oracle_race *oracle_race_find(const char *fingerprint);

#endif
