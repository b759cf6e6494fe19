/* Progress on standard error: a bar on a terminal, plain lines elsewhere (CI), nothing when quiet. */
#ifndef FF_CLI_PROGRESS_H
#define FF_CLI_PROGRESS_H

#include "campaign/campaign.h"

struct progress {
  bool quiet;
  bool terminal;
  bool pythons; /* there are several: each run is told with its own */
  double started_at;
  double line_at; /* of the last plain line */
  size_t ended;
  size_t runs;
  bool bar_shown;
};

void progress_init(struct progress *progress, bool quiet);
struct campaign_watch progress_watch(struct progress *progress);
void progress_end(struct progress *progress); /* takes the bar away */

#endif
