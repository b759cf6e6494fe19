/* What fails a run, and how a run and a whole campaign stand, graded as the campaign was asked to: said once, for the
 * exit code and for every report. */
#ifndef FF_MODEL_VERDICT_H
#define FF_MODEL_VERDICT_H

#include "model/result.h"

/* A data race that breaks the rules of Python and does no harm on this interpreter. */
bool finding_is_by_language(const struct finding *finding);

/* The schedule that was run again did the harm that it was run for, or another. */
bool replay_fails(const struct run *run);

/* Such a race fails its run only where that was asked for, by --races fail or by a replay that fails; all else that
 * was found does. What does not is shown. */
bool finding_fails(const struct run *run, const struct finding *finding);

/* In how many trials or schedules one of that kind came that fails the run. */
uint64_t run_count_failing(const struct run *run, enum finding_kind kind);
bool run_is_failed(const struct run *run); /* by any of its findings */

/* Sets `races`, as far as findings say it. */
void run_tally_races(struct run *run);

/* With --expect known a run that came out as its scenario's table says counts as passed, and one that did not as
 * failed; an inconclusive one stays that. */
enum verdict verdict_graded(const struct result *result, const struct run *run);

/* Cut short, or without any run, a campaign is inconclusive unless it failed. */
enum verdict verdict_overall(const struct result *result);

int verdict_exit_code(enum verdict overall); /* docs/results.md */

#endif
