#include "cli/campaign_verb.h"
#include "cli/verb.h"

static int run(int argc, char **argv, struct err *err) {
  static const struct campaign_verb verb = {
      .verb = OPTIONS_MATRIX,
      .args_doc = "[SCENARIO...]",
      .doc =
          "Run scenarios on all releases of their package, and say which are safe: a grid with a row for each release, "
          "newest first, and a column for each scenario, Python and engine.\n\v"
          "A release to which a scenario does not apply, or that cannot be installed or imported on a Python, is a "
          "cell "
          "that says so. Finished cells are kept, below --out or in the cache: a matrix that was stopped goes on where "
          "it was, and one that asks for more runs only what is new.\n\n"
          "Examples:\n"
          "  flashflood matrix stuck_detector --releases '>=2.30'\n"
          "  flashflood matrix stuck_detector --releases '>=2.30' --python 3.11 --python 3.13 --out report\n"
          "  flashflood matrix --releases '==2.36.0' --patch patches/arroyo_lock.patch --engine explore,stress",
      .seconds = 5,
      .schedules = 300,
      .engines = {[ENGINE_EXPLORE] = true},
      .tsan = {[ENGINE_STRESS] = true},
      .on_releases = true};
  return campaign_verb_run(&verb, argc, argv, err);
}

static const struct verb matrix = {"matrix", "which releases are safe: a grid, release by release", run};
VERB(matrix);
