/* The options of all verbs, in one table that says which verb has which, read with argp. Values are checked as they are
 * read: the error names the value. */
#ifndef FF_CLI_OPTIONS_H
#define FF_CLI_OPTIONS_H

#include <argp.h>

#include "campaign/campaign.h"

/* Verbs that have options, as bits. */
enum options_verb {
  OPTIONS_CHECK = 1 << 0,
  OPTIONS_STRESS = 1 << 1,
  OPTIONS_EXPLORE = 1 << 2,
  OPTIONS_REPLAY = 1 << 3,
  OPTIONS_REPORT = 1 << 4,
  OPTIONS_DOCTOR = 1 << 5,
  OPTIONS_LIST = 1 << 6,
  OPTIONS_MATRIX = 1 << 7,
  OPTIONS_BISECT = 1 << 8,
  OPTIONS_CAMPAIGN = OPTIONS_CHECK | OPTIONS_STRESS | OPTIONS_EXPLORE | OPTIONS_MATRIX | OPTIONS_BISECT,
};

struct output_options {
  char *folder;           /* --out, or NULL */
  struct strlist formats; /* names that are known to exist; empty: text */
  bool quiet;
};

struct cli_options {
  enum options_verb verb;
  struct campaign_options campaign;
  struct output_options output;
  struct strlist arguments;
  char *command; /* the command line, quoted for a shell */
  bool help;     /* it was asked for, and shown */
  int failed_at; /* argv[failed_at - 1] could not be parsed */
  struct err *err;
};

/* Parses; on false `err` is set, or help was shown. An option of another verb is refused by its name. */
bool options_parse(const char *args_doc, const char *doc, int argc, char **argv, struct cli_options *options);

void options_defaults(struct cli_options *options, enum options_verb verb, double seconds, struct err *err);
void options_free(struct cli_options *options);

/* One option of the table. */
struct option_entry {
  struct argp_option argp;
  unsigned verbs; /* that have it */
};

extern const struct option_entry OPTIONS_TABLE[]; /* ends in an entry without a name */

/* Takes the value of an option that its verb has. */
error_t options_take(int key, const char *value, struct cli_options *options);

#endif
