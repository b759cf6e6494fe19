/* The options that have no letter: what the table names them by, and what takes their values. */
#ifndef FF_CLI_OPTIONS_KEYS_H
#define FF_CLI_OPTIONS_KEYS_H

#include "cli/options.h"

enum option_key {
  OPT_TSAN = 256,
  OPT_NO_TSAN,
  OPT_SWITCH_INTERVAL,
  OPT_HANG_AFTER,
  OPT_UNTIL,
  OPT_EXPECT,
  OPT_PYTHON,
  OPT_TRIALS,
  OPT_STRATEGY,
  OPT_SCHEDULES,
  OPT_PREEMPTIONS,
  OPT_DEPTH,
  OPT_POINTS,
  OPT_CARRIER,
  OPT_VERIFY,
  OPT_CONFIRM,
  OPT_NO_CONFIRM,
  OPT_RESUME,
  OPT_TIMES,
  OPT_RACES,
  OPT_SUPPRESSIONS,
  OPT_RELEASES,
  OPT_ENGINE,
  OPT_PATCH,
  OPT_FRESH,
};

#endif
