#include "model/verdict.h"

#include <string.h>

#include "platform/err.h"

bool finding_is_by_language(const struct finding *finding) {
  return finding->kind == FINDING_DATA_RACE && finding->reachable && strcmp(finding->reachable, RACE_BY_LANGUAGE) == 0;
}

bool replay_fails(const struct run *run) {
  const char *outcome = run->replayed.outcome;
  return outcome && (strcmp(outcome, "fails the same") == 0 || strcmp(outcome, "fails otherwise") == 0);
}

bool finding_fails(const struct run *run, const struct finding *finding) {
  bool asked = (run->races.policy && strcmp(run->races.policy, "fail") == 0) || replay_fails(run);
  return asked || !finding_is_by_language(finding);
}

uint64_t run_count_failing(const struct run *run, enum finding_kind kind) {
  uint64_t count = 0;
  for (size_t i = 0; i < run->finding_count; i++) {
    const struct finding *finding = &run->findings[i];
    count += finding->kind == kind && finding_fails(run, finding) ? finding->count : 0;
  }
  return count;
}

bool run_is_failed(const struct run *run) {
  for (size_t i = 0; i < run->finding_count; i++) {
    if (finding_fails(run, &run->findings[i])) {
      return true;
    }
  }
  return false;
}

void run_tally_races(struct run *run) {
  struct race_tally *races = &run->races;
  races->language = races->interpreter = races->native = 0;
  for (size_t i = 0; i < run->finding_count; i++) {
    const struct finding *finding = &run->findings[i];
    if (finding_is_by_language(finding)) {
      races->language++;
    } else if (finding->race) {
      races->interpreter++;
    } else if (finding->kind == FINDING_DATA_RACE) {
      races->native++;
    }
  }
}

enum verdict verdict_graded(const struct result *result, const struct run *run) {
  if (!result->expect_known || run->expected.met == TRI_UNKNOWN || run->verdict == VERDICT_INCONCLUSIVE) {
    return run->verdict;
  }
  return run->expected.met == TRI_TRUE ? VERDICT_PASS : VERDICT_FAIL;
}

enum verdict verdict_overall(const struct result *result) {
  bool open = result->cut_short || result->run_count == 0;
  for (size_t i = 0; result->matrix && i < result->matrix->not_run_count; i++) {
    open |= not_run_is_open(&result->matrix->not_run[i]);
  }
  enum verdict overall = open ? VERDICT_INCONCLUSIVE : VERDICT_PASS;
  for (size_t i = 0; i < result->run_count; i++) {
    enum verdict graded = verdict_graded(result, &result->runs[i]);
    if (graded == VERDICT_FAIL) {
      return VERDICT_FAIL;
    }
    overall = graded == VERDICT_INCONCLUSIVE ? graded : overall;
  }
  return overall;
}

int verdict_exit_code(enum verdict overall) {
  static const int CODES[] = {[VERDICT_PASS] = 0, [VERDICT_FAIL] = 1, [VERDICT_INCONCLUSIVE] = ERR_HARNESS};
  return CODES[overall];
}
