/* Where the schedules of findings are kept, so that each can be run again, and ThreadSanitizer's texts of races:
 * `schedules/` and `races/` in the folder of the result, or in the cache where none was asked for. */
#ifndef FF_CAMPAIGN_KEEPER_H
#define FF_CAMPAIGN_KEEPER_H

#include "campaign/plan.h"

/* Of one run. Borrows all that it points to. */
struct keeper {
  const struct campaign_options *options;
  const struct places *places;
  const struct plan *plan;
  size_t index; /* of the run's job in the plan */
};

/* Writes the text, and names the file and the command in the finding. A run that is itself a replay keeps the file that
 * it was given. Written again where a better one of the same finding comes. */
bool keeper_keep(const struct keeper *keeper, struct finding *finding, const char *text, struct err *err);

/* Writes race->report, and names the file in race->report_file. */
bool keeper_keep_report(const struct keeper *keeper, struct finding *finding, struct err *err);

#endif
