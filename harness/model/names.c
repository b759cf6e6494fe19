#include <string.h>

#include "model/result.h"

static const char *const KIND_NAMES[FINDING_KINDS] = {
    "dict-changed-size", "exception", "invariant", "deadlock", "hang", "crash", "data-race",
};
static const char *const VERDICT_NAMES[] = {"pass", "fail", "inconclusive"};
const char *const REPLAY_OUTCOMES[] = {
    "fails the same", "fails otherwise", "passes", "diverged", "cannot be reached", NULL,
};

const char *const RACE_POLICIES[] = {"show", "fail", "off", NULL};

static bool find(const char *const *names, int count, const char *name, int *index) {
  for (int i = 0; name && i < count; i++) {
    if (strcmp(names[i], name) == 0) {
      *index = i;
      return true;
    }
  }
  return false;
}

const char *finding_kind_name(enum finding_kind kind) { return KIND_NAMES[kind]; }

bool finding_kind_parse(const char *name, enum finding_kind *kind) {
  int index = 0;
  bool ok = find(KIND_NAMES, FINDING_KINDS, name, &index);
  *kind = (enum finding_kind)index;
  return ok;
}

const char *verdict_name(enum verdict verdict) { return VERDICT_NAMES[verdict]; }

bool verdict_parse(const char *name, enum verdict *verdict) {
  int index = 0;
  bool ok = find(VERDICT_NAMES, 3, name, &index);
  *verdict = (enum verdict)index;
  return ok;
}
