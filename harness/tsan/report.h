/* ThreadSanitizer's reports, read back as findings and never lost in stderr. */
#ifndef FF_TSAN_REPORT_H
#define FF_TSAN_REPORT_H

#include <stdbool.h>

#include "platform/err.h"
#include "platform/quiet.h"

/* Whether this binary was built with ThreadSanitizer. */
bool tsan_active(void);

/* From now on each report becomes a `finding` record on `records_fd`, written under `lock` at the moment of the
 * report, so that a worker that dies next has already said so. Once a process. Without ThreadSanitizer: does nothing.
 */
bool tsan_watch_reports(int records_fd, struct quiet_lock *lock, const char *scenario, struct err *err);

#endif
