#include "cli/campaign_verb.h"
#include "cli/verb.h"

static int run(int argc, char **argv, struct err *err) {
  static const struct campaign_verb verb = {
      .verb = OPTIONS_CHECK,
      .args_doc = "TARGET...",
      .doc =
          "Run every scenario that applies to each TARGET, by chosen schedules (explore) and by luck (stress), and say "
          "what the race breaks. Both look for data races of Python code too.\n\v"
          "A TARGET is NAME==VERSION from PyPI, the same with +PATCHFILE once or more, or a folder that holds the "
          "package. Each scenario has --seconds under explore and as many under stress. A run that finds nothing has "
          "shown nothing but what it covered: the report says what that was.\n\n"
          "Examples:\n"
          "  flashflood check sentry-arroyo==2.36.0\n"
          "  flashflood check sentry-arroyo==2.37.1 --out report --format text,junit\n"
          "  flashflood check ../arroyo --scenario stuck_detector",
      .seconds = 5,
      .engines = {[ENGINE_EXPLORE] = true, [ENGINE_STRESS] = true},
      .tsan = {[ENGINE_EXPLORE] = true, [ENGINE_STRESS] = true},
      .arguments_are_targets = true};
  return campaign_verb_run(&verb, argc, argv, err);
}

static const struct verb check = {"check", "every scenario that applies to the targets: the main job", run};
VERB(check);
