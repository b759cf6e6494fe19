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

/* While it is on, reports that the caller's thread brings about are kept and not told: they are of accesses that it
 * lifts (shadow.h). Switching it on forgets what was kept. */
void tsan_keep_report(bool on);
const char *tsan_kept_report(void); /* the text of the first that was kept, or NULL; until the next switching on */

#endif
