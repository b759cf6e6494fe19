/* The commands that do things again, from the same folder: quoted for a shell, with every option that matters. */
#ifndef FF_CAMPAIGN_COMMAND_H
#define FF_CAMPAIGN_COMMAND_H

#include "campaign/plan.h"

/* One run. The caller's. */
char *command_run(const struct campaign_options *options, const struct plan *plan, const struct planned *planned);

/* One schedule of it, of a file at `path`. `race`: of a race, which only ThreadSanitizer sees. The caller's. */
char *command_replay(const struct campaign_options *options, const struct plan *plan, const struct planned *planned,
                     const char *path, bool race);

#endif
