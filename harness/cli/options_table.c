/* Which options there are, which verb has which, and what each takes. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "platform/mem.h"
#include "reports/format.h"
#include "strategy/strategy.h"

enum {
  OPT_TSAN = 256,
  OPT_NO_TSAN,
  OPT_SWITCH_INTERVAL,
  OPT_HANG_AFTER,
  OPT_UNTIL,
  OPT_EXPECT,
  OPT_PYTHON,
  OPT_TRIALS,
  OPT_STRATEGY,
  OPT_SCHEDULES,
  OPT_PREEMPTIONS,
  OPT_DEPTH,
  OPT_POINTS,
  OPT_CARRIER,
  OPT_VERIFY,
  OPT_CONFIRM,
  OPT_NO_CONFIRM,
  OPT_RESUME,
  OPT_TIMES,
  OPT_RACES,
  OPT_SUPPRESSIONS,
};

#define RUNS (OPTIONS_CAMPAIGN | OPTIONS_REPLAY)
#define BY_LUCK (OPTIONS_CHECK | OPTIONS_STRESS)
#define CHOSEN (OPTIONS_CHECK | OPTIONS_EXPLORE)

const struct option_entry OPTIONS_TABLE[] = {
    {{"target", 't', "TARGET", 0, "What to test: NAME==VERSION[+PATCHFILE…] or a folder; may be repeated", 1}, RUNS},
    {{"scenario", 's', "SCENARIO", 0, "Run this scenario; a name or a file; may be repeated", 1}, RUNS},
    {{"python", OPT_PYTHON, "PATH", 0, "The interpreter to test under; its worker is built by make PYTHON=PATH", 1},
     RUNS | OPTIONS_DOCTOR},
    {{"seconds", 'S', "S", 0, "Time for each run (default 10; check: 5 for each engine)", 2}, OPTIONS_CAMPAIGN},
    {{"trials", OPT_TRIALS, "N", 0, "End a run of stress after N trials, if its time is not over before", 2}, BY_LUCK},
    {{"schedules", OPT_SCHEDULES, "N", 0, "End a run of explore after N schedules; without --seconds its time is open",
      2},
     CHOSEN},
    {{"threads", 'n', "N", 0, "Actor threads in each trial or schedule (the scenario's own choice otherwise)", 2},
     OPTIONS_CAMPAIGN},
    {{"seed", 'r', "N", 0, "Seed of what the harness chooses (default 1)", 2}, OPTIONS_CAMPAIGN},
    {{"switch-interval", OPT_SWITCH_INTERVAL, "S", 0,
      "Seconds between the interpreter's requests for its GIL (default: varied from trial to trial)", 2},
     BY_LUCK},
    {{"tsan", OPT_TSAN, NULL, 0, "Under ThreadSanitizer (the default of check and stress)", 2}, RUNS},
    {{"no-tsan", OPT_NO_TSAN, NULL, 0, "Without it (the default of explore and replay)", 2}, RUNS},
    {{"races", OPT_RACES, "WHAT", 0,
      "Data races of Python code, under ThreadSanitizer: off, show (those that this interpreter turns into harm fail, "
      "those by the language only are shown; the default) or fail (both fail)",
      2},
     OPTIONS_CAMPAIGN},
    {{"suppressions", OPT_SUPPRESSIONS, "FILE", 0, "Races that are none to mend, a line each with its reason", 2},
     RUNS},
    {{"until", OPT_UNTIL, "KIND", 0, "End a run at its first finding of this kind", 2}, OPTIONS_CAMPAIGN},
    {{"hang-after", OPT_HANG_AFTER, "S", 0, "A trial that takes longer is a finding: hang (default 30)", 2}, RUNS},
    {{"jobs", 'j', "N", 0, "Runs at the same time (default 1: two share the cores, and stress meets fewer races)", 2},
     OPTIONS_CAMPAIGN},
    {{"strategy", OPT_STRATEGY, "NAME", 0, "Who runs next (default auto); flashflood list strategies names them", 3},
     CHOSEN},
    {{"preemptions", OPT_PREEMPTIONS, "K|unbounded", 0,
      "At most K preemptions in a schedule (default: the strategy's own plan)", 3},
     CHOSEN},
    {{"depth", OPT_DEPTH, "D", 0, "pct: look for bugs that need D ordered steps", 3}, CHOSEN},
    {{"points", OPT_POINTS, "POINTS", 0,
      "Where control may move: gil (where this interpreter can hand over its GIL; the default) or bytecode", 3},
     CHOSEN},
    {{"carrier", OPT_CARRIER, "CARRIER", 0, "What carries a thread: fiber (the default) or pthread, a real thread each",
      3},
     CHOSEN | OPTIONS_REPLAY},
    {{"verify", OPT_VERIFY, NULL, 0, "Run each schedule twice, and tell of any difference", 3}, CHOSEN},
    {{"confirm", OPT_CONFIRM, NULL, 0, "Replay what is found on real threads (the default)", 3}, CHOSEN},
    {{"no-confirm", OPT_NO_CONFIRM, NULL, 0, "Do not", 3}, CHOSEN},
    {{"resume", OPT_RESUME, "FILE", 0, "exhaustive: go on where FILE says, and keep there what was done", 3},
     OPTIONS_EXPLORE},
    {{"times", OPT_TIMES, "N", 0, "Run the schedule N times (default 1)", 3}, OPTIONS_REPLAY},
    {{"expect", OPT_EXPECT, "known", 0,
      "Exit with 0 when each outcome is what the scenario's table says of that release", 4},
     OPTIONS_CAMPAIGN},
    {{"out", 'o', "DIR", 0, "Write result.json, schedules and the formats' files there", 5}, RUNS | OPTIONS_REPORT},
    {{"format", 'f', "LIST", 0, "Comma-separated: text, json, junit, markdown (default text)", 5},
     RUNS | OPTIONS_REPORT},
    {{"quiet", 'q', NULL, 0, "No progress, and no text report of a pass", 5}, RUNS | OPTIONS_REPORT},
    {{0}, 0}};

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

static error_t take_text(const char *value, char **out) {
  free(*out);
  *out = mem_dup(value);
  return 0;
}

static error_t take_one_of(struct cli_options *options, const char *option, const char *value, const char *one,
                           const char *other, char **out) {
  if (strcmp(value, one) != 0 && strcmp(value, other) != 0) {
    char *remedy = mem_printf("give %s or %s", one, other);
    refuse(options, option, value, remedy);
    free(remedy);
    return EINVAL;
  }
  return take_text(value, out);
}

static error_t take_until(struct cli_options *options, const char *value) {
  enum finding_kind kind;
  if (!finding_kind_parse(value, &kind)) {
    return refuse(options, "--until", value,
                  "give a kind: dict-changed-size, exception, invariant, deadlock, hang, crash, data-race");
  }
  return take_text(value, &options->campaign.until);
}

static error_t take_races(struct cli_options *options, const char *value) {
  for (const char *const *policy = RACE_POLICIES; *policy; policy++) {
    if (strcmp(value, *policy) == 0) {
      options->campaign.races_given = true;
      return take_text(value, &options->campaign.races);
    }
  }
  return refuse(options, "--races", value, "give show, fail or off");
}

static error_t take_strategy(struct cli_options *options, const char *value) {
  const struct strategy *strategy = strategies_find(value);
  bool chooses = strategy && strategy->controlled && strcmp(value, "replay") != 0;
  if (!chooses && strcmp(value, "auto") != 0) {
    return refuse(options, "--strategy", value, "flashflood list strategies names those that there are");
  }
  return take_text(value, &options->campaign.explore.strategy);
}

static error_t take_preemptions(struct cli_options *options, const char *value) {
  struct explore_options *explore = &options->campaign.explore;
  uint64_t bound = 0;
  explore->preemptions_given = true;
  explore->preemptions = -1;
  if (strcmp(value, "unbounded") == 0) {
    return 0;
  }
  error_t error = take_number(options, "--preemptions", value, 0, 1000000, &bound);
  explore->preemptions = error ? -1 : (int64_t)bound;
  return error;
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

static error_t take_jobs(struct cli_options *options, const char *value) {
  uint64_t jobs = 1;
  error_t error = take_number(options, "--jobs", value, 1, 256, &jobs);
  options->campaign.jobs = (int)jobs;
  return error;
}

/* Limits of a run. */
static error_t take_limit(int key, const char *value, struct cli_options *options) {
  struct campaign_options *campaign = &options->campaign;
  switch (key) {
  case 'S':
    campaign->seconds_given = true;
    return take_seconds(options, "--seconds", value, &campaign->seconds);
  case OPT_TRIALS:
    return take_number(options, "--trials", value, 1, 1000000000000, &campaign->trials);
  case OPT_SCHEDULES:
    return take_number(options, "--schedules", value, 1, 1000000000000, &campaign->explore.schedules);
  case 'n':
    return take_number(options, "--threads", value, 1, 1000, &campaign->threads);
  case 'r':
    return take_number(options, "--seed", value, 0, INT64_MAX, &campaign->seed);
  case OPT_SWITCH_INTERVAL:
    return take_seconds(options, "--switch-interval", value, &campaign->switch_interval);
  case OPT_HANG_AFTER:
    return take_seconds(options, "--hang-after", value, &campaign->hang_after);
  case OPT_TIMES:
    return take_number(options, "--times", value, 1, 1000000, &campaign->replay.times);
  case 'j':
    return take_jobs(options, value);
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

/* How schedules are chosen. */
static error_t take_explore(int key, const char *value, struct cli_options *options) {
  struct explore_options *explore = &options->campaign.explore;
  switch (key) {
  case OPT_STRATEGY:
    return take_strategy(options, value);
  case OPT_PREEMPTIONS:
    return take_preemptions(options, value);
  case OPT_DEPTH:
    return take_number(options, "--depth", value, 1, 16, &explore->depth);
  case OPT_POINTS:
    return take_one_of(options, "--points", value, "gil", "bytecode", &explore->points);
  case OPT_CARRIER:
    return take_one_of(options, "--carrier", value, "fiber", "pthread", &explore->carrier);
  case OPT_VERIFY:
    explore->verify = true;
    return 0;
  case OPT_CONFIRM:
  case OPT_NO_CONFIRM:
    explore->confirm = key == OPT_CONFIRM;
    return 0;
  case OPT_RESUME:
    return take_text(value, &explore->resume);
  default:
    return take_limit(key, value, options);
  }
}

error_t options_take(int key, const char *value, struct cli_options *options) {
  struct campaign_options *campaign = &options->campaign;
  switch (key) {
  case 't':
    strlist_add(&campaign->targets, value);
    return 0;
  case 's':
    strlist_add(&campaign->scenarios, value);
    return 0;
  case OPT_PYTHON:
    return take_text(value, &campaign->python);
  case OPT_TSAN:
  case OPT_NO_TSAN:
    campaign->tsan = key == OPT_TSAN ? TRI_TRUE : TRI_FALSE;
    return 0;
  case OPT_RACES:
    return take_races(options, value);
  case OPT_SUPPRESSIONS:
    return take_text(value, &campaign->suppressions);
  case OPT_UNTIL:
    return take_until(options, value);
  case OPT_EXPECT:
    campaign->expect_known = strcmp(value, "known") == 0;
    return campaign->expect_known ? 0 : refuse(options, "--expect", value, "only 'known' is known");
  case 'o':
    return take_text(value, &options->output.folder);
  case 'f':
    return take_formats(options, value);
  case 'q':
    options->output.quiet = true;
    return 0;
  default:
    return take_explore(key, value, options);
  }
}
