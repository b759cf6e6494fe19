/* Ctrl-C and SIGTERM: noted, so that what was found is kept and reported. One a process. */
#ifndef FF_PLATFORM_INTERRUPT_H
#define FF_PLATFORM_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT and SIGTERM are noted; a second one of them ends the process at once, as the user insists. */
void interrupt_watch(void);
bool interrupt_seen(void);

#endif
