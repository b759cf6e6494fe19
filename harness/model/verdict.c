#include "model/verdict.h"

#include "platform/err.h"

enum verdict verdict_graded(const struct result *result, const struct run *run) {
  if (!result->expect_known || run->expected.met == TRI_UNKNOWN || run->verdict == VERDICT_INCONCLUSIVE) {
    return run->verdict;
  }
  return run->expected.met == TRI_TRUE ? VERDICT_PASS : VERDICT_FAIL;
}

enum verdict verdict_overall(const struct result *result) {
  enum verdict overall = result->cut_short || result->run_count == 0 ? VERDICT_INCONCLUSIVE : VERDICT_PASS;
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
