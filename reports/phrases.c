#include "reports/phrases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/verdict.h"
#include "platform/mem.h"

static const char *const VERDICT_WORDS[] = {"PASS", "FAIL", "INCONCLUSIVE"};

const char *phrase_verdict(enum verdict verdict) { return VERDICT_WORDS[verdict]; }

static void put_number(struct buf *out, uint64_t number) {
  char digits[24];
  int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
  for (int i = 0; i < len; i++) {
    buf_printf(out, "%s%c", i && (len - i) % 3 == 0 ? "," : "", digits[i]);
  }
}

/* "1 run", "2 runs". */
static void put_counted(struct buf *out, const char *before, uint64_t number, const char *noun) {
  buf_puts(out, before);
  put_number(out, number);
  buf_printf(out, " %s%s", noun, number == 1 ? "" : "s");
}

/* "2 failed". */
static void put_number_of(struct buf *out, const char *before, uint64_t number, const char *what) {
  buf_puts(out, before);
  put_number(out, number);
  buf_puts(out, what);
}

char *phrase_number(uint64_t number) {
  struct buf out = {0};
  put_number(&out, number);
  return buf_take(&out);
}

char *phrase_first_line(const char *text) { return text ? mem_dupn(text, strcspn(text, "\r\n")) : mem_dup(""); }

/* "; 12 cells without a run: 11 does not apply, 1 cannot be installed" */
static void put_not_run(struct buf *out, const struct matrix *matrix) {
  if (!matrix || !matrix->not_run_count) {
    return;
  }
  put_counted(out, "; ", matrix->not_run_count, "cell");
  const char *between = " without a run: ";
  for (const char *const *kind = NOT_RUN_KINDS; *kind; kind++) {
    size_t count = 0;
    for (size_t i = 0; i < matrix->not_run_count; i++) {
      count += strcmp(matrix->not_run[i].kind, *kind) == 0;
    }
    if (count) {
      buf_printf(out, "%s%zu %s", between, count, *kind);
      between = ", ";
    }
  }
}

char *phrase_summary(const struct result *result) {
  static const char *const WORDS[] = {" passed", " failed", " inconclusive"};
  static const enum verdict ORDER[] = {VERDICT_FAIL, VERDICT_PASS, VERDICT_INCONCLUSIVE};
  size_t counts[3] = {0};
  size_t expected = 0;
  size_t unexpected = 0;
  for (size_t i = 0; i < result->run_count; i++) {
    const struct run *run = &result->runs[i];
    counts[run->verdict]++;
    expected += run->verdict == VERDICT_FAIL && run->expected.met == TRI_TRUE;
    unexpected += run->expected.met == TRI_FALSE;
  }
  struct buf out = {0};
  put_counted(&out, "", result->run_count, "run");
  const char *between = ": ";
  for (size_t i = 0; i < 3; i++) {
    if (counts[ORDER[i]]) {
      put_number_of(&out, between, counts[ORDER[i]], WORDS[ORDER[i]]);
      between = ", ";
    }
    if (ORDER[i] == VERDICT_FAIL && expected) {
      put_number_of(&out, " (", expected, " as expected)");
    }
  }
  if (result->expect_known && unexpected) {
    put_number_of(&out, "; ", unexpected, " not as expected");
  } else if (result->expect_known) {
    buf_puts(&out, "; nothing came out otherwise than expected");
  }
  put_not_run(&out, result->matrix);
  return buf_take(&out);
}

char *phrase_cut_short(void) {
  return mem_dup("CUT SHORT: it was stopped before all runs were done. What stands here was found until then; what is "
                 "missing did not pass.");
}

static bool is_patch(const char *part, size_t len) {
  return len > 6 && (strncmp(part + len - 6, ".patch", 6) == 0 || strncmp(part + len - 5, ".diff", 5) == 0);
}

char *phrase_target(const struct run *run) {
  struct buf out = {0};
  const char *part = run->target ? run->target : "";
  for (bool first = true;; first = false) {
    size_t len = strcspn(part, "+");
    const char *end = part + len;
    for (const char *at = part; !first && is_patch(part, len) && at < end; at++) {
      if (*at == '/') {
        part = at + 1;
        len = (size_t)(end - part);
      }
    }
    buf_puts(&out, first ? "" : "+");
    buf_add(&out, part, len);
    if (!*end) {
      return buf_take(&out);
    }
    part = end + 1;
  }
}

/* "CPython 3.11.2 (main, …) [GCC …]" is called "Python 3.11.2". */
static void put_python(struct buf *out, const char *python) {
  python += strncmp(python, "CPython ", 8) == 0;
  size_t name = strcspn(python, " ");
  size_t version = python[name] ? strcspn(python + name + 1, " ") + 1 : 0;
  buf_puts(out, ", ");
  buf_add(out, python, name + version);
}

/* What `engine` leaves open: uncontrolled switch points and no strategy go without saying. */
char *phrase_engine(const struct run *run) {
  struct buf out = {0};
  buf_puts(&out, run->engine ? run->engine : "");
  if (run->carrier) {
    buf_printf(&out, ", %s", run->carrier);
  }
  if (run->points && strcmp(run->points, "free") != 0) {
    buf_printf(&out, ", %s", run->points);
  }
  bool says_more = run->strategy && (!run->engine || strcmp(run->strategy, run->engine) != 0);
  if (says_more && strcmp(run->strategy, "none") != 0) {
    buf_printf(&out, ", %s", run->strategy);
  }
  if (run->python) {
    put_python(&out, run->python);
  }
  buf_puts(&out, run->tsan ? ", tsan" : "");
  return buf_take(&out);
}

char *phrase_label(const struct run *run) {
  char *target = phrase_target(run);
  char *engine = phrase_engine(run);
  char *label = mem_printf(*engine ? "%s on %s [%s]" : "%s on %s", run->scenario ? run->scenario : "", target, engine);
  free(target);
  free(engine);
  return label;
}

static void put_times(struct buf *out, const char *before, const char *name, uint64_t count) {
  buf_printf(out, "%s%s x", before, name);
  put_number(out, count);
}

char *phrase_found(const struct run *run) {
  struct buf out = {0};
  for (int kind = 0; kind < FINDING_KINDS; kind++) {
    uint64_t count = run_count_failing(run, (enum finding_kind)kind);
    if (count) {
      put_times(&out, out.len ? ", " : "", finding_kind_name((enum finding_kind)kind), count);
    }
  }
  buf_puts(&out, out.len ? "" : "nothing");
  return buf_take(&out);
}

const char *phrase_trial(const struct run *run) {
  return run->engine && strcmp(run->engine, "stress") == 0 ? "trial" : "schedule";
}

char *phrase_coverage(const struct run *run) {
  const struct coverage *coverage = &run->coverage;
  struct buf out = {0};
  put_counted(&out, "", run->schedules, phrase_trial(run));
  put_counted(&out, ", ", run->operations, "operation");
  buf_printf(&out, " in %.1f s", run->seconds);
  put_counted(&out, ", ", run->threads, "thread");
  buf_printf(&out, ", ThreadSanitizer %s, seed %llu", run->tsan ? "on" : "off", (unsigned long long)run->seed);
  for (size_t i = 0; i < coverage->actor_count; i++) {
    put_times(&out, i ? ", " : "; actors ", coverage->actors[i].name, coverage->actors[i].calls);
  }
  for (size_t i = 0; i < coverage->reached_count; i++) {
    put_times(&out, i ? ", " : "; reached ", coverage->reached[i].name, coverage->reached[i].count);
  }
  buf_printf(&out, "; control %s", coverage->control ? coverage->control : "not run");
  if (coverage->peak_rss_kib) {
    put_number_of(&out, "; peak memory ", (coverage->peak_rss_kib + 1023) / 1024, " MiB");
  }
  if (run->claim) {
    buf_printf(&out, "; claim: %s", run->claim);
  }
  return buf_take(&out);
}

char *phrase_replayed(const struct run *run) {
  const struct replayed *replayed = &run->replayed;
  if (!replayed->outcome) {
    return mem_dup("");
  }
  struct buf out = {0};
  buf_printf(&out, "replay: %s", replayed->outcome);
  if (replayed->line >= 0) {
    buf_printf(&out, " at line %lld", (long long)replayed->line);
  }
  if (replayed->detail) {
    buf_printf(&out, ": %s", replayed->detail);
  }
  return buf_take(&out);
}

char *phrase_expected(const struct run *run) {
  const struct expectation *expected = &run->expected;
  if (!expected->outcome || expected->met == TRI_UNKNOWN) {
    return mem_dup("");
  }
  bool met = expected->met == TRI_TRUE;
  const char *text = met || !expected->unmet ? expected->because : expected->unmet;
  return mem_printf("%s%s%s", met ? "expected" : "UNEXPECTED", text ? ": " : "", text ? text : "");
}
