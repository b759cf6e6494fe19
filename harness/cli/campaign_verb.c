#include "cli/campaign_verb.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "campaign/bisect.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "model/verdict.h"
#include "platform/interrupt.h"
#include "platform/mem.h"

static void take_arguments(const struct campaign_verb *verb, struct cli_options *options) {
  struct campaign_options *campaign = &options->campaign;
  struct strlist *to = verb->arguments_are_targets ? &campaign->targets : &campaign->scenarios;
  for (size_t i = 0; i < options->arguments.count; i++) {
    strlist_add(to, options->arguments.items[i]);
  }
}

static void describe(struct result *result, const struct cli_options *options) {
  struct utsname name;
  uname(&name);
  result->tool = mem_dup("flashflood " FF_VERSION);
  result->command = mem_dup(options->command);
  result->platform = mem_printf("%s %s, %ld cores", name.sysname, name.machine, sysconf(_SC_NPROCESSORS_ONLN));
}

static bool run(const struct cli_options *options, struct result *result, struct err *err) {
  struct places places = {0};
  struct progress progress;
  progress_init(&progress, options->output.quiet);
  progress.pythons = options->campaign.pythons.count > 1;
  struct campaign_watch watch = progress_watch(&progress);
  interrupt_watch();
  bool ok =
      output_check(&options->output, err) && places_find(&places, err) &&
      (options->campaign.matrix.bisects ? bisect_run : campaign_run)(&options->campaign, &places, &watch, result, err);
  progress_end(&progress);
  places_free(&places);
  return ok && output_write(&options->output, result, true, err);
}

int campaign_verb_perform(struct cli_options *options, struct err *err) {
  struct result result = {0};
  options->campaign.out = options->output.folder;
  describe(&result, options);
  int code = run(options, &result, err) ? verdict_exit_code(verdict_overall(&result)) : ERR_USAGE;
  result_free(&result);
  return code;
}

static bool is_strategy(const struct cli_options *options, const char *name) {
  return strcmp(options->campaign.explore.strategy, name) == 0;
}

/* Options that the chosen strategy would pass over. */
static bool check_strategy(const struct cli_options *options, struct err *err) {
  const struct explore_options *explore = &options->campaign.explore;
  if (explore->depth && !is_strategy(options, "pct") && !is_strategy(options, "auto")) {
    return err_set(err, ERR_USAGE, "--depth '%llu' is for the strategies pct and auto, and --strategy is '%s'",
                   (unsigned long long)explore->depth, explore->strategy);
  }
  return !explore->resume || is_strategy(options, "exhaustive") ||
         err_set(err, ERR_USAGE, "--resume '%s' is for the strategy exhaustive, and --strategy is '%s'",
                 explore->resume, explore->strategy);
}

static bool check_races(const struct cli_options *options, struct err *err) {
  const struct campaign_options *campaign = &options->campaign;
  bool unseen = campaign->races_given && strcmp(campaign->races, "off") != 0 && campaign->tsan == TRI_FALSE;
  return !unseen || err_set(err, ERR_USAGE,
                            "--races '%s' needs ThreadSanitizer, and --no-tsan turns it off: leave out one of the two",
                            campaign->races);
}

static void take_verb(const struct campaign_verb *verb, struct campaign_options *campaign) {
  memcpy(campaign->engines, verb->engines, sizeof verb->engines);
  memcpy(campaign->tsan_by_default, verb->tsan, sizeof verb->tsan);
  campaign->matrix.on = verb->on_releases;
  campaign->matrix.bisects = verb->bisects;
  campaign->matrix.releases = verb->on_releases ? mem_dup("all") : NULL;
  if (verb->on_releases) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    campaign->jobs = cores > 1 ? (int)cores : 1;
  }
}

/* Schedules are counted where a time would make what is covered hang on the machine's load. */
static void settle_budget(const struct campaign_verb *verb, struct campaign_options *campaign) {
  if (verb->schedules && !campaign->seconds_given && !campaign->explore.schedules) {
    campaign->explore.schedules = verb->schedules;
  }
}

int campaign_verb_run(const struct campaign_verb *verb, int argc, char **argv, struct err *err) {
  struct cli_options options;
  int code = ERR_USAGE;
  options_defaults(&options, verb->verb, verb->seconds, err);
  take_verb(verb, &options.campaign);
  if (options_parse(verb->args_doc, verb->doc, argc, argv, &options) && check_strategy(&options, err) &&
      check_races(&options, err)) {
    take_arguments(verb, &options);
    settle_budget(verb, &options.campaign);
    code = campaign_verb_perform(&options, err);
  }
  options_free(&options);
  return options.help ? 0 : code;
}
