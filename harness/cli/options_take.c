/* What each option takes. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_keys.h"
#include "platform/fs.h"
#include "platform/mem.h"
#include "reports/format.h"
#include "strategy/strategy.h"

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

static error_t take_engines(struct cli_options *options, const char *value) {
  char *copy = mem_dup(value), *rest = copy;
  error_t error = 0;
  memset(options->campaign.engines, 0, sizeof options->campaign.engines);
  for (char *name; !error && (name = strsep(&rest, ","));) {
    bool explore = strcmp(name, "explore") == 0, stress = strcmp(name, "stress") == 0;
    options->campaign.engines[ENGINE_EXPLORE] |= explore;
    options->campaign.engines[ENGINE_STRESS] |= stress;
    error = explore || stress ? 0 : refuse(options, "--engine", name, "give explore, stress or both, comma-separated");
  }
  free(copy);
  return error;
}

/* A file, so that it need not be looked for again for each release. */
static error_t take_patch(struct cli_options *options, const char *value) {
  if (!fs_is_file(value) || strchr(value, '+')) {
    return refuse(options, "--patch", value, "there is no such file, or there is a + in its path");
  }
  strlist_add(&options->campaign.matrix.patches, value);
  return 0;
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

/* What a matrix and a bisection are made of. */
static error_t take_matrix(int key, const char *value, struct cli_options *options) {
  struct matrix_options *matrix = &options->campaign.matrix;
  switch (key) {
  case OPT_RELEASES:
    return take_text(value, &matrix->releases);
  case OPT_PATCH:
    return take_patch(options, value);
  case OPT_ENGINE:
    return take_engines(options, value);
  case OPT_FRESH:
    matrix->fresh = true;
    return 0;
  default:
    return take_explore(key, value, options);
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
    strlist_add(&campaign->pythons, value);
    return 0;
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
    return take_matrix(key, value, options);
  }
}
