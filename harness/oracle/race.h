/* Data races of Python code, as lift.h finds them, become findings. */
#ifndef FF_ORACLE_RACE_H
#define FF_ORACLE_RACE_H

#include "oracle/oracle.h"

/* Once a process; without it nothing is lifted. */
void oracle_watch_races(const struct oracle_context *context);

#endif
