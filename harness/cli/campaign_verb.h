/* What `check`, `stress`, `explore` and `replay` share: options to campaign to result to reports. */
#ifndef FF_CLI_CAMPAIGN_VERB_H
#define FF_CLI_CAMPAIGN_VERB_H

#include "cli/options.h"

struct campaign_verb {
  enum options_verb verb;
  const char *args_doc;
  const char *doc;
  double seconds; /* the default budget of a run */
  bool engines[ENGINES];
  bool tsan[ENGINES]; /* by default under ThreadSanitizer */
  bool arguments_are_targets;
  uint64_t schedules; /* of explore, where no budget is asked for; 0: its time is the limit */
  bool on_releases;   /* a matrix; it uses all cores */
  bool bisects;
};

int campaign_verb_run(const struct campaign_verb *verb, int argc, char **argv, struct err *err);

/* Runs the campaign that the options describe, writes its reports, and gives the exit code. */
int campaign_verb_perform(struct cli_options *options, struct err *err);

#endif
