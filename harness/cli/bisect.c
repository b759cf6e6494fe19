#include "cli/campaign_verb.h"
#include "cli/verb.h"

static int run(int argc, char **argv, struct err *err) {
  static const struct campaign_verb verb = {
      .verb = OPTIONS_BISECT,
      .args_doc = "SCENARIO",
      .doc =
          "Find the release in which a scenario begins to fail, and the one in which it passes again, by halving; and "
          "what changed there, in the files that the failing stacks name.\n\v"
          "The newest and the oldest release of --releases are tried first. Where they differ, halving finds the "
          "change "
          "between them. Where both are good, what lies between is tried in finer and finer steps until one is bad, "
          "and "
          "halving goes on to both sides of it. A release to which the scenario does not apply is good; one that "
          "cannot "
          "be tried is stepped over. Both sides of each change that is told were tried; that nothing else changed "
          "between releases that were not tried is not known, and flashflood matrix tries all.\n\n"
          "Exit status: as check's, so 1 where a release is bad.\n\n"
          "Examples:\n"
          "  flashflood bisect stuck_detector --releases '>=2.30'\n"
          "  flashflood bisect stuck_detector --releases '>=2.30' --python 3.13 --out report",
      .seconds = 5,
      .schedules = 300,
      .engines = {[ENGINE_EXPLORE] = true},
      .tsan = {[ENGINE_STRESS] = true},
      .on_releases = true,
      .bisects = true};
  return campaign_verb_run(&verb, argc, argv, err);
}

static const struct verb bisect = {"bisect", "the release in which a scenario begins to fail, and its change", run};
VERB(bisect);
