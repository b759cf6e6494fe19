/* Options that verbs share, read with argp. Values are checked as they are read: the error names the value. */
#ifndef FF_CLI_OPTIONS_H
#define FF_CLI_OPTIONS_H

#include <argp.h>

#include "campaign/campaign.h"

struct output_options {
  char *folder;           /* --out, or NULL */
  struct strlist formats; /* names that are known to exist; empty: text */
  bool quiet;
};

struct cli_options {
  struct campaign_options campaign;
  struct output_options output;
  bool positional_targets; /* arguments are targets; else they are scenarios, and targets come by --target */
  struct strlist arguments;
  char *command; /* the command line, quoted for a shell */
  bool help;     /* it was asked for, and shown */
  int failed_at; /* argv[failed_at - 1] could not be parsed */
  struct err *err;
};

/* Parses; on false `err` is set, or help was shown. `children`: argp parsers below, of options_campaign and
 * options_output. */
bool options_parse(const struct argp_child *children, const char *args_doc, const char *doc, int argc, char **argv,
                   struct cli_options *options);

extern const struct argp options_campaign; /* --seconds --trials --threads --seed --tsan … */
extern const struct argp options_output;   /* --out --format --quiet */

void options_defaults(struct cli_options *options, double seconds, struct err *err);
void options_free(struct cli_options *options);

#endif
