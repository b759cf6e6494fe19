/* How a run and a whole campaign stand, graded as the campaign was asked to: said once, for the exit code and for every
 * report. */
#ifndef FF_MODEL_VERDICT_H
#define FF_MODEL_VERDICT_H

#include "model/result.h"

/* With --expect known a run that came out as its scenario's table says counts as passed, and one that did not as
 * failed; an inconclusive one stays that. */
enum verdict verdict_graded(const struct result *result, const struct run *run);

/* Cut short, or without any run, a campaign is inconclusive unless it failed. */
enum verdict verdict_overall(const struct result *result);

int verdict_exit_code(enum verdict overall); /* docs/results.md */

#endif
