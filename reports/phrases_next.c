/* The longer phrases: what is known of a finding, and what to do next. */
#include <stdlib.h>
#include <string.h>

#include "model/verdict.h"
#include "platform/mem.h"
#include "reports/phrases.h"

static void add_fact(struct strlist *out, const char *label, const char *value) {
  if (value && *value) {
    strlist_add(out, label);
    strlist_add(out, value);
  }
}

static char *seen(const struct run *run, const struct finding *finding) {
  char *count = phrase_number(finding->count);
  char *first = phrase_number(finding->first_at);
  char *all = phrase_number(run->schedules);
  const char *trial = phrase_trial(run);
  char *text = finding->first_at ? mem_printf("in %s of %s %ss, first in %s %s", count, all, trial, trial, first)
                                 : mem_printf("in %s of %s %ss", count, all, trial);
  free(count);
  free(first);
  free(all);
  return text;
}

/* A race by the language has a verdict that says it. */
static char *holds(const struct finding *finding) {
  struct strlist parts = {0};
  if (finding_is_by_language(finding)) {
    return mem_dup("");
  }
  if (finding->reachable && strcmp(finding->reachable, "gil") == 0) {
    strlist_add(&parts, "under the GIL");
  } else if (finding->reachable) {
    strlist_add(&parts, "between bytecodes only");
  }
  if (finding->confirmed != TRI_UNKNOWN) {
    strlist_add(&parts, finding->confirmed == TRI_TRUE ? "confirmed on real threads" : "not confirmed on real threads");
  } else if (finding->schedule) {
    strlist_add(&parts, "not tried on real threads");
  }
  char *text = strlist_join(&parts, "; ");
  strlist_free(&parts);
  return text;
}

static char *schedule(const struct finding *finding) {
  if (!finding->schedule || finding->switches < 0) {
    return mem_dup(finding->schedule);
  }
  char *switches = phrase_number((uint64_t)finding->switches);
  char *text = mem_printf("%s (%s %s)", finding->schedule, switches, finding->switches == 1 ? "switch" : "switches");
  free(switches);
  return text;
}

void phrase_facts(const struct run *run, const struct finding *finding, struct strlist *out) {
  char *texts[] = {seen(run, finding), holds(finding), schedule(finding)};
  static const char *const LABELS[] = {"seen", "holds", "schedule"};
  phrase_race_facts(finding, out);
  add_fact(out, "where", finding->where);
  add_fact(out, "actor", finding->actor);
  for (size_t i = 0; i < 3; i++) {
    add_fact(out, LABELS[i], texts[i]);
    free(texts[i]);
  }
  add_fact(out, "fingerprint", finding->fingerprint);
}

/* The first run of that verdict and that expectation, NULL for none. */
static const struct run *first(const struct result *result, enum verdict verdict, bool expected) {
  for (size_t i = 0; i < result->run_count; i++) {
    const struct run *run = &result->runs[i];
    if (run->verdict == verdict && (run->expected.met == TRI_TRUE) == expected) {
      return run;
    }
  }
  return NULL;
}

static const struct run *first_missed(const struct result *result) {
  for (size_t i = 0; i < result->run_count; i++) {
    const struct run *run = &result->runs[i];
    if (run->verdict == VERDICT_PASS && run->expected.met == TRI_FALSE) {
      return run;
    }
  }
  return NULL;
}

/* The first run with a race that is shown and fails nothing, NULL for none. */
static const struct run *first_shown(const struct result *result) {
  for (size_t i = 0; i < result->run_count; i++) {
    for (size_t j = 0; j < result->runs[i].finding_count; j++) {
      if (!finding_fails(&result->runs[i], &result->runs[i].findings[j])) {
        return &result->runs[i];
      }
    }
  }
  return NULL;
}

static void after_failure(const struct result *result, struct strlist *out) {
  const struct run *unexpected = first(result, VERDICT_FAIL, false);
  const struct run *any = unexpected ? unexpected : first(result, VERDICT_FAIL, true);
  if (!any) {
    return;
  }
  strlist_add(out, "See a failure again: run the command after its 'replay:'.");
  if (any->target && strstr(any->target, "==") && any->patches.count == 0) {
    strlist_addf(out, "Try a fix: flashflood check '%s+FIX.patch'", any->target);
  }
  if (!unexpected && !result->expect_known) {
    strlist_add(out, "Every failure is one that its scenario's table expects of that release; with --expect known such "
                     "failures do not fail the build.");
  }
}

/* What a pass may be worth, from the least to the most. */
enum worth { WORTH_STRESS, WORTH_REPLAY, WORTH_SAMPLED, WORTH_BOUNDED, WORTH_COMPLETE, WORTHS };

static enum worth worth_of(const struct run *run) {
  if (!run->engine || strcmp(run->engine, "stress") == 0) {
    return WORTH_STRESS;
  }
  if (strcmp(run->engine, "replay") == 0) {
    return WORTH_REPLAY;
  }
  return run->complete ? WORTH_COMPLETE : run->bound >= 0 ? WORTH_BOUNDED : WORTH_SAMPLED;
}

static void after_pass(const struct result *result, struct strlist *out) {
  static const char *const WORDS[WORTHS] = {
      "A pass under stress says what was tried and found nothing; it proves nothing, as stress finds by luck. More "
      "seconds (--seconds) or threads (--threads) try more.",
      "A replay that passes says that this one schedule does no harm here, and nothing of others: explore them.",
      "A pass of explore over sampled schedules says nothing of the schedules that were not drawn; what was drawn, and "
      "what that is worth, its claim says.",
      "A pass of explore with a bound holds for every schedule with up to so many preemptions as its claim says, and "
      "for no other; --preemptions raises the bound.",
      "A pass of explore that ran every schedule holds for this scenario with its calls, at its switch points, on this "
      "interpreter: nothing is left to try there."};
  bool stands[WORTHS] = {false};
  for (size_t i = 0; i < result->run_count; i++) {
    if (result->runs[i].verdict == VERDICT_PASS) {
      stands[worth_of(&result->runs[i])] = true;
    }
  }
  for (int worth = 0; worth < WORTHS; worth++) {
    if (stands[worth]) {
      strlist_add(out, WORDS[worth]);
    }
  }
}

/* What the outcome of a replay means for who wanted to see a failure again. */
static void after_replay(const struct result *result, struct strlist *out) {
  for (size_t i = 0; i < result->run_count; i++) {
    const struct run *run = &result->runs[i];
    const char *outcome = run->replayed.outcome ? run->replayed.outcome : "";
    if (strcmp(outcome, "diverged") == 0 || strcmp(outcome, "cannot be reached") == 0) {
      struct buf text = {0};
      buf_puts(&text, "The code is not what the schedule was found on. Look for it anew: flashflood explore ");
      buf_shell_word(&text, run->scenario ? run->scenario : "");
      buf_puts(&text, " --target ");
      buf_shell_word(&text, run->target ? run->target : "");
      strlist_add(out, buf_text(&text));
      buf_free(&text);
    }
  }
}

void phrase_next(const struct result *result, struct strlist *out) {
  const struct run *missed = first_missed(result);
  if (result->cut_short) {
    strlist_add(out, "It was cut short: run it again to its end before trusting what did not fail.");
  }
  if (result->run_count == 0) {
    strlist_add(out, "No run was done, so nothing is known.");
  }
  after_failure(result, out);
  after_replay(result, out);
  if (first_shown(result)) {
    strlist_add(out,
                "A data race by the language alone is shown and fails nothing: another interpreter may turn it into "
                "harm. With --races fail it fails its run.");
  }
  if (missed) {
    char *label = phrase_label(missed);
    strlist_addf(out, "An expected failure did not come in %s: run longer (--seconds), or mend the scenario's table.",
                 label);
    free(label);
  }
  if (first(result, VERDICT_INCONCLUSIVE, false) || first(result, VERDICT_INCONCLUSIVE, true)) {
    strlist_add(out, "INCONCLUSIVE is not a pass: too little was covered to tell; the reason stands beside it. Give it "
                     "more time (--seconds); 'flashflood doctor' says what this machine lacks.");
  }
  after_pass(result, out);
}
