/* LeakSanitizer, in builds that have it (SANITIZE=address). */
#ifndef FF_WORKER_LEAKS_H
#define FF_WORKER_LEAKS_H

#include <stdbool.h>

/* Looks for memory of ours that nobody holds any more; the worker leaves by _exit, so nobody else would. The report
 * goes to standard error. False elsewhere. */
bool leaks_found(void);

#endif
