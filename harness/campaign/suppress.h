/* Suppressions: races that are known and are none to mend, a line each with its reason (docs/races.md):
 *
 *   container MetricsBuffer.__counters because each consumer has a buffer of its own
 *   function  *.get_size               because a size that is late by one is good enough
 *   file      vendored/[a-z]*.py       because it is not ours to mend
 *
 * A pattern is a shell's (fnmatch), whose `*` matches slashes too. Blank lines and lines that begin with # say
 * nothing. */
#ifndef FF_CAMPAIGN_SUPPRESS_H
#define FF_CAMPAIGN_SUPPRESS_H

#include "model/result.h"
#include "platform/err.h"

/* Adds those of the file to the result. Errors are ERR_USAGE, and name the file and the line. */
bool suppress_read(const char *file, struct result *result, struct err *err);

/* The first that matches a data race: its container, or the function or the file of any of its accesses; a report of
 * native code by its `where`. NULL for none, and for what is no data race. */
struct suppression *suppress_find(struct result *result, const struct finding *finding);

#endif
