#include "cli/campaign_verb.h"
#include "cli/verb.h"

static int run(int argc, char **argv, struct err *err) {
  static const struct campaign_verb verb = {
      .verb = OPTIONS_EXPLORE,
      .args_doc = "[SCENARIO...]",
      .doc =
          "Run scenarios by schedules that are chosen: only one thread moves at a time, and where it stops and who "
          "goes on is decided, written down, and can be run again.\n\v"
          "A SCENARIO is a name (flashflood list scenarios) or the path of a Python file; without any, all that apply "
          "are run. Each finding is shrunk to the fewest switches, shown as one column of source lines for each "
          "thread, replayed on real threads, and kept as a schedule file for flashflood replay.\n\n"
          "What a pass means: nothing was found in the schedules that the report's claim names, and no more. "
          "exhaustive runs every schedule up to a number of preemptions, so its pass holds up to that number; pct "
          "states how likely it would have missed a bug; random says nothing of what it did not draw. All of it holds "
          "for this scenario, these calls, this interpreter, and the switch points that were chosen (--points).\n\n"
          "Examples:\n"
          "  flashflood explore stuck_detector --target sentry-arroyo==2.36.0\n"
          "  flashflood explore stuck_detector --target sentry-arroyo==2.37.1 --strategy exhaustive --preemptions 2\n"
          "  flashflood explore ./my_scenario.py --target ./lib --strategy pct --depth 3 --schedules 10000",
      .seconds = 10,
      .engines = {[ENGINE_EXPLORE] = true}};
  return campaign_verb_run(&verb, argc, argv, err);
}

static const struct verb explore = {"explore", "scenarios by chosen schedules, which can be run again", run};
VERB(explore);
