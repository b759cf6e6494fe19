#include "cli/campaign_verb.h"
#include "cli/verb.h"

static int run(int argc, char **argv, struct err *err) {
  static const struct campaign_verb verb = {
      .verb = OPTIONS_STRESS,
      .args_doc = "[SCENARIO...]",
      .doc = "Run scenarios on real threads, with the real GIL, in real time: nothing is modelled, and what is found "
             "is found by luck.\n\v"
             "A SCENARIO is a name (flashflood list scenarios) or the path of a Python file; without any, all that "
             "apply are run.\n\n"
             "Examples:\n"
             "  flashflood stress stuck_detector --target sentry-arroyo==2.36.0\n"
             "  flashflood stress ./my_scenario.py --target mylib==1.2 --seconds 60 --threads 8",
      .seconds = 10,
      .engines = {[ENGINE_STRESS] = true},
      .tsan = {[ENGINE_STRESS] = true}};
  return campaign_verb_run(&verb, argc, argv, err);
}

static const struct verb stress = {"stress", "scenarios on real threads, by luck, for a time", run};
VERB(stress);
