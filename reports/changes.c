#include "reports/changes.h"

#include <stdlib.h>
#include <string.h>

#include "model/verdict.h"
#include "platform/mem.h"
#include "reports/phrases.h"

char *changes_summary(const struct result *result) {
  const struct bisection *bisection = result->bisection;
  const char *rest = "";
  if (result->cut_short) {
    rest = " That was too few to tell a change: run it again, and it goes on.";
  } else if (bisection->change_count == 0) {
    rest = " No two of them differ, so there is no change to tell.";
  } else if (bisection->tried < bisection->count) {
    rest = " Both sides of each change were; a failure that came and went between others would not be seen: "
           "flashflood matrix tries all.";
  }
  return mem_printf("%llu of %llu releases were tried.%s", (unsigned long long)bisection->tried,
                    (unsigned long long)bisection->count, rest);
}

char *change_title(const struct change *change) {
  char *untried = strlist_join(&change->untried, ", ");
  char *title =
      mem_printf("%s: %s%s%s%s", change->what, change->after,
                 *untried ? ", or one before it that could not be tried (" : "", untried, *untried ? ")" : "");
  free(untried);
  return title;
}

char *change_files(const struct change *change) {
  if (change->no_diff) {
    return mem_printf("what changed is not known: %s", change->no_diff);
  }
  char *files = strlist_join(&change->files, ", ");
  bool changed = change->diff && *change->diff;
  char *text = mem_printf("%s %s%s", changed ? "changed in" : "nothing changed in",
                          *files ? files : "what the stacks name", change->others ? "; other files changed: " : "");
  char *all = change->others ? mem_printf("%s%llu", text, (unsigned long long)change->others) : mem_dup(text);
  free(text);
  free(files);
  return all;
}

static const struct run *find_run(const struct result *result, const char *target, bool failed) {
  for (size_t i = 0; i < result->run_count; i++) {
    const struct run *run = &result->runs[i];
    if (strcmp(run->target, target) == 0 && (run->verdict == VERDICT_FAIL) == failed) {
      return run;
    }
  }
  return NULL;
}

const struct finding *change_finding(const struct result *result, const char *target) {
  const struct run *run = find_run(result, target, true);
  for (size_t i = 0; run && i < run->finding_count; i++) {
    if (finding_fails(run, &run->findings[i])) {
      return &run->findings[i];
    }
  }
  return NULL;
}

char *change_evidence(const struct result *result, const char *target) {
  const struct run *failed = find_run(result, target, true), *passed = find_run(result, target, false);
  if (failed) {
    char *found = phrase_found(failed);
    char *text = mem_printf("%s fails: %s", target, found);
    free(found);
    return text;
  }
  if (passed) {
    char *coverage = passed->claim ? mem_dup(passed->claim) : phrase_coverage(passed);
    char *text = mem_printf("%s passes: %s", target, coverage);
    free(coverage);
    return text;
  }
  for (size_t i = 0; result->matrix && i < result->matrix->not_run_count; i++) {
    const struct not_run *not_run = &result->matrix->not_run[i];
    if (strcmp(not_run->target, target) == 0) {
      return mem_printf("%s: the scenario %s: %s", target, not_run->kind, not_run->why ? not_run->why : "");
    }
  }
  return mem_dup(target);
}
