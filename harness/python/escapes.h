/* Blocking calls that are not modelled: what gets past virtual time and the scheduler.
 *
 * Functions of the standard library that wait in the kernel are replaced by ones that count and then call them. A wait
 * stops every logical thread at once, so a schedule in which it ends only because another thread does something never
 * ends, and one with a time limit runs in real time. GIL held. */
#ifndef FF_PYTHON_ESCAPES_H
#define FF_PYTHON_ESCAPES_H

#include <stdbool.h>

#include "platform/buf.h"
#include "platform/err.h"

/* Once, when the scenario is imported: whatever it uses is loaded. */
bool escapes_watch(struct err *err);

void escapes_forget(void); /* what was counted so far */

/* "select.select x12" for each that was called in a schedule; `waits` alone those that may wait for somebody. */
void escapes_names(bool waits, struct strlist *out);

#endif
