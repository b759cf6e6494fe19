#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

static const char *const VERB_NAMES[] = {"check",  "stress", "explore", "replay", "report",
                                         "doctor", "list",   "matrix",  "bisect"};

static char *verb_names(unsigned verbs) {
  struct strlist names = {0};
  for (size_t i = 0; i < sizeof VERB_NAMES / sizeof *VERB_NAMES; i++) {
    if (verbs & (1u << i)) {
      strlist_add(&names, VERB_NAMES[i]);
    }
  }
  char *text = strlist_join(&names, ", ");
  strlist_free(&names);
  return text;
}

/* An option of other verbs would be taken for one that does something here. */
static error_t refuse_foreign(const struct option_entry *entry, struct cli_options *options) {
  char *own = verb_names(options->verb), *others = verb_names(entry->verbs);
  err_set(options->err, ERR_USAGE, "--%s is no option of %s, but of %s; see flashflood %s --help", entry->argp.name,
          own, others, own);
  free(own);
  free(others);
  return EINVAL;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  struct cli_options *options = state->input;
  for (const struct option_entry *entry = OPTIONS_TABLE; entry->argp.name; entry++) {
    if (entry->argp.key == key) {
      return entry->verbs & options->verb ? options_take(key, value, options) : refuse_foreign(entry, options);
    }
  }
  switch (key) {
  case ARGP_KEY_ARG:
    strlist_add(&options->arguments, value);
    return 0;
  case '?':
    options->help = true;
    return 0;
  case ARGP_KEY_ERROR:
    options->failed_at = state->next;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static char *quote_command(int argc, char **argv) {
  struct buf text = {0};
  buf_puts(&text, argv[0]); /* "PROGRAM VERB" */
  for (int i = 1; i < argc; i++) {
    buf_puts(&text, " ");
    buf_shell_word(&text, argv[i]);
  }
  return buf_take(&text);
}

/* argp's own table: what the verb does not have is not shown, and still known, so that it can be refused by its name.
 * The caller's. */
static struct argp_option *make_table(enum options_verb verb) {
  size_t count = 0;
  while (OPTIONS_TABLE[count].argp.name) {
    count++;
  }
  struct argp_option *table = mem_alloc((count + 2) * sizeof *table);
  /* argp shows its help only where it also prints errors its own way, so the option is ours. */
  table[0] = (struct argp_option){"help", '?', NULL, 0, "Show this help", -1};
  for (size_t i = 0; i < count; i++) {
    table[i + 1] = OPTIONS_TABLE[i].argp;
    table[i + 1].flags |= OPTIONS_TABLE[i].verbs & verb ? 0 : OPTION_HIDDEN;
  }
  return table;
}

bool options_parse(const char *args_doc, const char *doc, int argc, char **argv, struct cli_options *options) {
  struct argp_option *table = make_table(options->verb);
  const struct argp argp = {table, parse_option, args_doc, doc, NULL, NULL, NULL};
  options->command = quote_command(argc, argv);
  options->campaign.program = mem_dupn(argv[0], (size_t)(strrchr(argv[0], ' ') - argv[0])); /* "… VERB" */
  /* Without argp's own messages: ours are one line, with the value. argv[0] is kept for --help. */
  error_t error = argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, options);
  if (options->help) {
    options->err->code = ERR_NONE;
    argp_help(&argp, stdout, ARGP_HELP_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, argv[0]);
  } else if (error && options->err->code == ERR_NONE) {
    int at = options->failed_at;
    const char *culprit = at > 0 && at <= argc ? argv[at - 1] : "?";
    err_set(options->err, ERR_USAGE, "option '%s' is unknown, ambiguous or lacks its value; see %s --help", culprit,
            argv[0]);
  }
  free(table);
  return error == 0 && !options->help;
}

void options_defaults(struct cli_options *options, enum options_verb verb, double seconds, struct err *err) {
  *options = (struct cli_options){.verb = verb,
                                  .campaign = {.seed = 1,
                                               .seconds = seconds,
                                               .hang_after = CAMPAIGN_HANG_AFTER,
                                               .tsan = TRI_UNKNOWN,
                                               .races = mem_dup(RACE_POLICIES[0]),
                                               .jobs = 1,
                                               .explore = {.strategy = mem_dup("auto"),
                                                           .carrier = mem_dup("fiber"),
                                                           .points = mem_dup("gil"),
                                                           .preemptions = -1,
                                                           .confirm = true},
                                               .replay = {.times = 1}},
                                  .err = err};
}

void options_free(struct cli_options *options) {
  struct campaign_options *campaign = &options->campaign;
  char *owned[] = {campaign->program,         campaign->matrix.releases,
                   campaign->until,           campaign->explore.strategy,
                   campaign->explore.carrier, campaign->explore.points,
                   campaign->explore.resume,  campaign->replay.file,
                   campaign->replay.text,     campaign->replay.fingerprint,
                   campaign->races,           campaign->suppressions,
                   options->output.folder,    options->command};
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
    free(owned[i]);
  }
  strlist_free(&campaign->targets);
  strlist_free(&campaign->scenarios);
  strlist_free(&campaign->pythons);
  strlist_free(&campaign->matrix.patches);
  strlist_free(&options->output.formats);
  strlist_free(&options->arguments);
}
