#include <stdlib.h>
#include <string.h>

#include "cli/campaign_verb.h"
#include "cli/verb.h"
#include "platform/fs.h"
#include "platform/mem.h"
#include "strategy/schedule.h"

enum { TEXT_MOST = 96 * 1024 }; /* it goes to the worker as an argument; the kernel's limit of one is 128 KiB */

static bool read_file(const char *file, struct buf *text, struct err *err) {
  if (!fs_is_file(file)) {
    return err_set(err, ERR_USAGE, "schedule '%s': there is no such file; give the path of a .flood file", file);
  }
  if (!fs_read(file, text, err)) {
    return false;
  }
  return text->len <= TEXT_MOST ||
         err_set(err, ERR_USAGE, "schedule '%s' has %zu bytes, and the most is %d: leave some of its switches out",
                 file, text->len, TEXT_MOST);
}

/* What the options leave open, the schedule says. */
static void take_schedule(const struct schedule *schedule, struct campaign_options *campaign) {
  if (campaign->targets.count == 0) {
    strlist_add(&campaign->targets, schedule->target);
  }
  if (campaign->scenarios.count == 0) {
    strlist_add(&campaign->scenarios, schedule->scenario);
  }
  free(campaign->explore.points);
  campaign->explore.points = mem_dup(schedule->points);
  campaign->threads = schedule->thread_count;
  campaign->replay.fingerprint = mem_dup(schedule->fingerprint);
}

static bool read_schedule(struct cli_options *options, struct err *err) {
  struct campaign_options *campaign = &options->campaign;
  const char *file = options->arguments.items[0];
  struct buf text = {0};
  struct schedule schedule = {0};
  bool ok = read_file(file, &text, err);
  if (ok && !schedule_read(buf_text(&text), text.len, &schedule, err)) {
    ok = err_context(err, "schedule '%s'", file);
  }
  if (ok) {
    take_schedule(&schedule, campaign);
    campaign->replay.file = mem_dup(file);
    campaign->replay.text = buf_take(&text);
  }
  if (ok && (campaign->targets.count != 1 || campaign->scenarios.count != 1)) {
    ok = err_set(err, ERR_USAGE, "a schedule is of one scenario and runs on one target, and %zu and %zu were given",
                 campaign->scenarios.count, campaign->targets.count);
  }
  schedule_free(&schedule);
  buf_free(&text);
  return ok;
}

static bool take_argument(struct cli_options *options, struct err *err) {
  return options->arguments.count == 1 ||
         err_set(err, ERR_USAGE, "replay takes one SCHEDULE.flood, not %zu arguments", options->arguments.count);
}

static int run(int argc, char **argv, struct err *err) {
  static const char DOC[] =
      "Run the schedule of a finding again, on the release that it was found on or on another.\n\v"
      "It says exactly one of: fails the same; fails otherwise; passes; diverged at line N of the file, as the code "
      "went another way there; cannot be reached, as the place of a switch is not in this code. The scenario, the "
      "target and the switch points are those of the schedule, unless others are given.\n\n"
      "Exit status: 1 it fails, 0 it passes, 3 it diverged or cannot be reached.\n\n"
      "Examples:\n"
      "  flashflood replay out/schedules/40fce267f66be5ea.flood\n"
      "  flashflood replay out/schedules/40fce267f66be5ea.flood --target sentry-arroyo==2.37.1\n"
      "  flashflood replay out/schedules/40fce267f66be5ea.flood --carrier pthread --times 20";
  struct cli_options options;
  int code = ERR_USAGE;
  options_defaults(&options, OPTIONS_REPLAY, 10, err);
  options.campaign.engines[ENGINE_REPLAY] = true;
  if (options_parse("SCHEDULE.flood", DOC, argc, argv, &options) && take_argument(&options, err) &&
      read_schedule(&options, err)) {
    code = campaign_verb_perform(&options, err);
  }
  options_free(&options);
  return options.help ? 0 : code;
}

static const struct verb replay = {"replay", "the schedule of a finding, run again", run};
VERB(replay);
