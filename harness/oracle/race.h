/* Data races of Python code, as lift.h finds them, become findings. */
#ifndef FF_ORACLE_RACE_H
#define FF_ORACLE_RACE_H

#include "oracle/oracle.h"
#include "python/lift.h"

/* Once a process; without it nothing is lifted. */
void oracle_watch_races(const struct oracle_context *context);

/* A race that was found, in whichever ledger. Kept for the rest of the process. */
struct oracle_race {
  struct finding finding;
  struct lift_focus focus;
  struct oracle_race *next;
};

/* NULL: none with that fingerprint. */
const struct oracle_race *oracle_race_find(const char *fingerprint);

/* ThreadSanitizer's text of it, of any time that it was found; NULL: none. */
const char *oracle_race_report(const char *fingerprint);

#endif
