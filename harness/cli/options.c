#include "cli/options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "reports/format.h"

enum {
  OPT_TSAN = 256,
  OPT_NO_TSAN,
  OPT_SWITCH_INTERVAL,
  OPT_HANG_AFTER,
  OPT_UNTIL,
  OPT_EXPECT,
  OPT_PYTHON,
  OPT_TRIALS
};

static const struct argp_option CAMPAIGN_OPTIONS[] = {
    {"target", 't', "TARGET", 0, "What to test (stress): NAME==VERSION[+PATCHFILE…] or a folder; may be repeated", 1},
    {"scenario", 's', "SCENARIO", 0, "Run this scenario only (check); a name or a file; may be repeated", 1},
    {"python", OPT_PYTHON, "PATH", 0, "The interpreter to test under; its worker is built by make PYTHON=PATH", 1},
    {"seconds", 'S', "S", 0, "Time for each run", 2},
    {"trials", OPT_TRIALS, "N", 0, "End a run after N trials, if its time is not over before", 2},
    {"threads", 'n', "N", 0, "Actor threads in each trial (default: 6 where an actor may be repeated)", 2},
    {"seed", 'r', "N", 0, "Seed of what the harness chooses (default 1)", 2},
    {"switch-interval", OPT_SWITCH_INTERVAL, "S", 0,
     "Seconds between the interpreter's requests for its GIL (default: varied from trial to trial)", 2},
    {"tsan", OPT_TSAN, NULL, 0, "Under ThreadSanitizer (the default)", 2},
    {"no-tsan", OPT_NO_TSAN, NULL, 0, "Without it: faster, and no data races of native code", 2},
    {"until", OPT_UNTIL, "KIND", 0, "End a run at its first finding of this kind", 2},
    {"hang-after", OPT_HANG_AFTER, "S", 0, "A trial that takes longer is a finding: hang (default 30)", 2},
    {"jobs", 'j', "N", 0, "Runs at the same time (default 1: two share the cores, and meet fewer races)", 2},
    {"expect", OPT_EXPECT, "known", 0,
     "Exit with 0 when each outcome is what the scenario's table says of that release", 3},
    {0}};

static const struct argp_option OUTPUT_OPTIONS[] = {
    {"out", 'o', "DIR", 0, "Write result.json and the formats' files there", 4},
    {"format", 'f', "LIST", 0, "Comma-separated: text, json, junit, markdown (default text)", 4},
    {"quiet", 'q', NULL, 0, "No progress, and no text report of a pass", 4},
    {0}};

static error_t refuse(struct cli_options *options, const char *option, const char *value, const char *remedy) {
  err_set(options->err, ERR_USAGE, "%s '%s': %s", option, value, remedy);
  return EINVAL;
}

static error_t take_number(struct cli_options *options, const char *option, const char *value, uint64_t least,
                           uint64_t most, uint64_t *out) {
  char *end = NULL;
  errno = 0;
  unsigned long long number = strtoull(value, &end, 10);
  if (errno || value[0] < '0' || value[0] > '9' || *end || number < least || number > most) {
    char *remedy =
        mem_printf("give a whole number from %llu to %llu", (unsigned long long)least, (unsigned long long)most);
    refuse(options, option, value, remedy);
    free(remedy);
    return EINVAL;
  }
  *out = number;
  return 0;
}

static error_t take_seconds(struct cli_options *options, const char *option, const char *value, double *out) {
  char *end = NULL;
  double number = strtod(value, &end);
  if (end == value || *end || !isfinite(number) || number <= 0 || number > 1e6) {
    return refuse(options, option, value, "give a number of seconds above 0 and up to 1000000");
  }
  *out = number;
  return 0;
}

static error_t take_until(struct cli_options *options, const char *value) {
  enum finding_kind kind;
  if (!finding_kind_parse(value, &kind)) {
    return refuse(options, "--until", value,
                  "give a kind: dict-changed-size, exception, invariant, deadlock, hang, crash, data-race");
  }
  free(options->campaign.until);
  options->campaign.until = mem_dup(value);
  return 0;
}

static error_t parse_number_option(int key, char *value, struct cli_options *options) {
  struct campaign_options *campaign = &options->campaign;
  uint64_t jobs = 1;
  error_t error;
  switch (key) {
  case 'S':
    return take_seconds(options, "--seconds", value, &campaign->seconds);
  case OPT_TRIALS:
    return take_number(options, "--trials", value, 1, 1000000000000, &campaign->trials);
  case 'n':
    return take_number(options, "--threads", value, 1, 1000, &campaign->threads);
  case 'r':
    return take_number(options, "--seed", value, 0, INT64_MAX, &campaign->seed);
  case OPT_SWITCH_INTERVAL:
    return take_seconds(options, "--switch-interval", value, &campaign->switch_interval);
  case OPT_HANG_AFTER:
    return take_seconds(options, "--hang-after", value, &campaign->hang_after);
  case 'j':
    error = take_number(options, "--jobs", value, 1, 256, &jobs);
    campaign->jobs = (int)jobs;
    return error;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t parse_campaign(int key, char *value, struct argp_state *state) {
  struct cli_options *options = state->input;
  struct campaign_options *campaign = &options->campaign;
  switch (key) {
  case 't':
    strlist_add(&campaign->targets, value);
    return 0;
  case 's':
    strlist_add(&campaign->scenarios, value);
    return 0;
  case OPT_PYTHON:
    free(campaign->python);
    campaign->python = mem_dup(value);
    return 0;
  case OPT_TSAN:
  case OPT_NO_TSAN:
    campaign->tsan = key == OPT_TSAN;
    return 0;
  case OPT_UNTIL:
    return take_until(options, value);
  case OPT_EXPECT:
    campaign->expect_known = strcmp(value, "known") == 0;
    return campaign->expect_known ? 0 : refuse(options, "--expect", value, "only 'known' is known");
  default:
    return parse_number_option(key, value, options);
  }
}

static error_t take_formats(struct cli_options *options, const char *value) {
  char *copy = mem_dup(value), *rest = copy;
  error_t error = 0;
  for (char *name; !error && (name = strsep(&rest, ","));) {
    if (!formats_find(name)) {
      error = refuse(options, "--format", name, "flashflood list formats names those that there are");
    } else if (!strlist_has(&options->output.formats, name)) {
      strlist_add(&options->output.formats, name);
    }
  }
  free(copy);
  return error;
}

static error_t parse_output(int key, char *value, struct argp_state *state) {
  struct cli_options *options = state->input;
  switch (key) {
  case 'o':
    free(options->output.folder);
    options->output.folder = mem_dup(value);
    return 0;
  case 'f':
    return take_formats(options, value);
  case 'q':
    options->output.quiet = true;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

const struct argp options_campaign = {.options = CAMPAIGN_OPTIONS, .parser = parse_campaign};
const struct argp options_output = {.options = OUTPUT_OPTIONS, .parser = parse_output};

static error_t parse_arguments(int key, char *value, struct argp_state *state) {
  struct cli_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    for (int i = 0; state->root_argp->children && state->root_argp->children[i].argp; i++) {
      state->child_inputs[i] = options;
    }
    return 0;
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

/* argp shows its help only where it also prints errors its own way, so the option is ours. */
static const struct argp_option HELP_OPTION[] = {{"help", '?', NULL, 0, "Show this help", -1}, {0}};

bool options_parse(const struct argp_child *children, const char *args_doc, const char *doc, int argc, char **argv,
                   struct cli_options *options) {
  const struct argp argp = {HELP_OPTION, parse_arguments, args_doc, doc, children, NULL, NULL};
  options->command = quote_command(argc, argv);
  options->campaign.program = mem_dupn(argv[0], (size_t)(strrchr(argv[0], ' ') - argv[0])); /* "… VERB" */
  /* Without argp's own messages: ours are one line, with the value. argv[0] is kept for --help. */
  error_t error = argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, options);
  if (options->help) {
    options->err->code = ERR_NONE;
    argp_help(&argp, stdout, ARGP_HELP_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, argv[0]);
    return false;
  }
  if (error && options->err->code == ERR_NONE) {
    int at = options->failed_at;
    const char *culprit = at > 0 && at <= argc ? argv[at - 1] : "?";
    err_set(options->err, ERR_USAGE, "option '%s' is unknown, ambiguous or lacks its value; see %s --help", culprit,
            argv[0]);
  }
  return error == 0;
}

void options_defaults(struct cli_options *options, double seconds, struct err *err) {
  *options = (struct cli_options){.campaign = {.engine = "stress",
                                               .seed = 1,
                                               .seconds = seconds,
                                               .hang_after = CAMPAIGN_HANG_AFTER,
                                               .tsan = true,
                                               .jobs = 1},
                                  .err = err};
}

void options_free(struct cli_options *options) {
  free(options->campaign.program);
  strlist_free(&options->campaign.targets);
  strlist_free(&options->campaign.scenarios);
  free(options->campaign.python);
  free(options->campaign.until);
  free(options->output.folder);
  strlist_free(&options->output.formats);
  strlist_free(&options->arguments);
  free(options->command);
}
