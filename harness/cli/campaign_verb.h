/* What `check` and `stress` share: options to campaign to result to reports. */
#ifndef FF_CLI_CAMPAIGN_VERB_H
#define FF_CLI_CAMPAIGN_VERB_H

#include "cli/options.h"

struct campaign_verb {
  const char *args_doc;
  const char *doc;
  double seconds; /* the default budget of a run */
  bool arguments_are_targets;
};

int campaign_verb_run(const struct campaign_verb *verb, int argc, char **argv, struct err *err);

#endif
