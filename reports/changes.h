/* The changes of a bisection, with the evidence for both sides of each.
 * Ownership: the caller's buffers; returned `char *` are the caller's. Threading: no shared state. */
#ifndef FF_REPORTS_CHANGES_H
#define FF_REPORTS_CHANGES_H

#include "reports/format.h"

char *changes_summary(const struct result *result); /* how many releases were tried, and what that leaves open */
char *change_title(const struct change *change);    /* "first bad: sentry-arroyo==2.34.0" */
char *change_files(const struct change *change);    /* "changed in a.py, b.py; 7 more files changed" */

/* "sentry-arroyo==2.34.0 fails: invariant x15"; "… passes: claim"; "… does not apply: …". */
char *change_evidence(const struct result *result, const char *target);

/* The finding that shows a failure; NULL where the target does not fail. */
const struct finding *change_finding(const struct result *result, const char *target);

void changes_text(const struct result *result, const struct report_style *style, struct buf *out);
void changes_markdown(const struct result *result, struct buf *out);

#endif
