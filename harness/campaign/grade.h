/* Grading: a run's verdict, and whether it is what the scenario's table says. Once, after the run has ended. */
#ifndef FF_CAMPAIGN_GRADE_H
#define FF_CAMPAIGN_GRADE_H

#include "model/result.h"
#include "platform/buf.h"

/* What the driver knows of how a run ended, beside what is in the run. */
struct ending {
  bool done; /* the worker said so */
  bool control_failed;
  bool replays;          /* it ran one schedule again: `replayed` says what a coverage cannot */
  bool must_claim;       /* a pass has to say which schedules it covered */
  const char *cut_short; /* why it did not run to its budget's end, or NULL */
  const struct strlist *must_reach;
};

void grade_run(struct run *run, const struct ending *ending);

#endif
