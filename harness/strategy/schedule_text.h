/* What the writer and the reader of schedules share. */
#ifndef FF_STRATEGY_SCHEDULE_TEXT_H
#define FF_STRATEGY_SCHEDULE_TEXT_H

#include "strategy/schedule.h"

#define SCHEDULE_MAGIC "flashflood schedule "

/* More than any real schedule has; a file beyond them is refused, not read into memory. */
#define SCHEDULE_MOST_BYTES ((size_t)64 << 20)
#define SCHEDULE_MOST_LINES 1000000
#define SCHEDULE_LONGEST_LINE ((size_t)64 << 10)

uint64_t schedule_checksum(const char *text, size_t len); /* FNV-1a, 64 bits */

/* Indexed by enum switch_how. */
extern const char *const SCHEDULE_HOW_NAMES[3];

#endif
