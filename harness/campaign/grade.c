#include "campaign/grade.h"

#include <stdlib.h>
#include <string.h>

#include "model/verdict.h"
#include "platform/mem.h"

/* Why a schedule that was run again, and fails by nothing that was found, is no pass; NULL where it is one. The
 * caller's. */
static char *replay_doubt(const struct run *run) {
  const struct replayed *replayed = &run->replayed;
  const char *detail = replayed->detail;
  if (!replayed->outcome) {
    return mem_dup("the schedule did not come to its end");
  }
  bool only_suppressed = run->races.suppressed > 0 && run->finding_count == 0 && replay_fails(run);
  if (strcmp(replayed->outcome, "passes") == 0 || only_suppressed) {
    return NULL;
  }
  if (replayed->line >= 0) {
    return mem_printf("the schedule %s at line %lld%s%s", replayed->outcome, (long long)replayed->line,
                      detail ? ": " : "", detail ? detail : "");
  }
  return mem_printf("the schedule %s%s%s", replayed->outcome, detail ? ": " : "", detail ? detail : "");
}

/* Nothing was found, but did everything run that should have? */
static char *coverage_doubt(const struct run *run) {
  for (size_t i = 0; i < run->coverage.actor_count; i++) {
    if (run->coverage.actors[i].calls == 0) {
      return mem_printf("the actor %s never ran to an end", run->coverage.actors[i].name);
    }
  }
  for (size_t i = 0; i < run->coverage.reached_count; i++) {
    if (run->coverage.reached[i].count == 0) {
      return mem_printf("never reached: %s", run->coverage.reached[i].name);
    }
  }
  return NULL;
}

/* Why a run that no finding fails is no pass; NULL where it is one. The caller's. */
static char *doubt(const struct run *run, const struct ending *ending) {
  if (ending->cut_short) {
    return mem_dup(ending->cut_short);
  }
  if (ending->control_failed) {
    return mem_dup("the control failed: the scenario is itself broken, or the target is in any order");
  }
  if (ending->replays) {
    return replay_doubt(run);
  }
  if (!ending->done || run->schedules == 0) {
    return mem_printf("no %s came to its end", ending->must_claim ? "schedule" : "trial");
  }
  if (ending->must_claim && !run->claim) {
    return mem_dup("the worker did not say which schedules it covered");
  }
  return coverage_doubt(run);
}

/* "dict-changed-size, invariant" of the kinds that are marked. The caller's. */
static char *kinds_text(const bool kinds[FINDING_KINDS]) {
  struct strlist names = {0};
  for (int kind = 0; kind < FINDING_KINDS; kind++) {
    if (kinds[kind]) {
      strlist_add(&names, finding_kind_name((enum finding_kind)kind));
    }
  }
  char *text = strlist_join(&names, ", ");
  strlist_free(&names);
  return text;
}

/* How the outcome differs from the table; NULL where it does not. The caller's. */
static char *difference(const struct run *run) {
  const struct expectation *expected = &run->expected;
  bool absent[FINDING_KINDS] = {0}, unforeseen[FINDING_KINDS] = {0};
  bool any_absent = false, any_unforeseen = false;
  if (run->verdict == VERDICT_INCONCLUSIVE) {
    return mem_printf("inconclusive, where %s was expected", expected->outcome);
  }
  for (int kind = 0; kind < FINDING_KINDS; kind++) {
    bool found = run_count_failing(run, (enum finding_kind)kind) > 0;
    bool could_come = kind != FINDING_DATA_RACE || run->races.looked_for;
    absent[kind] = expected->must[kind] && !found && could_come;
    unforeseen[kind] = found && !expected->must[kind] && !expected->may[kind];
    any_absent |= absent[kind];
    any_unforeseen |= unforeseen[kind];
  }
  if (!any_absent && !any_unforeseen) {
    return NULL;
  }
  char *missing = kinds_text(absent), *extra = kinds_text(unforeseen);
  char *text =
      mem_printf("%s%s%s%s%s", any_unforeseen ? "not expected: " : "", extra, any_unforeseen && any_absent ? "; " : "",
                 any_absent ? "expected and not found: " : "", missing);
  free(missing);
  free(extra);
  return text;
}

void grade_run(struct run *run, const struct ending *ending) {
  for (size_t i = 0; !ending->replays && ending->must_reach && i < ending->must_reach->count; i++) {
    const char *name = ending->must_reach->items[i];
    bool known = false;
    for (size_t j = 0; j < run->coverage.reached_count; j++) {
      known |= strcmp(run->coverage.reached[j].name, name) == 0;
    }
    if (!known) {
      coverage_set_reached(&run->coverage, name, 0);
    }
  }
  free(run->why);
  run_tally_races(run);
  bool failed = run_is_failed(run);
  run->why = failed ? NULL : doubt(run, ending);
  run->verdict = failed ? VERDICT_FAIL : run->why ? VERDICT_INCONCLUSIVE : VERDICT_PASS;
  if (run->expected.outcome) {
    free(run->expected.unmet);
    run->expected.unmet = difference(run);
    run->expected.met = run->expected.unmet ? TRI_FALSE : TRI_TRUE;
  }
}
