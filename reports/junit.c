/* JUnit XML, as CI servers read it: a suite for each scenario, a case for each run.
 *
 * Found something that fails a run: <failure>; what is only shown stands in <system-out>. Undecided: <error>, so that
 * it is never taken for a pass. Graded with --expect known: an expected failure is <skipped>, and one that did not come
 * is a <failure>. A campaign that was cut short, or that had no run at all, gets a case of its own that says so. */
#include <stdlib.h>
#include <string.h>

#include "model/verdict.h"
#include "platform/mem.h"
#include "reports/format.h"
#include "reports/interleaving.h"
#include "reports/phrases.h"
#include "reports/xml.h"

enum outcome { PASSED, FAILED, ERRED, SKIPPED, OUTCOMES };

struct tally {
  size_t cases;
  size_t of[OUTCOMES];
  double seconds;
};

static enum outcome outcome_of(const struct result *result, const struct run *run) {
  switch (verdict_graded(result, run)) {
  case VERDICT_FAIL:
    return FAILED;
  case VERDICT_INCONCLUSIVE:
    return ERRED;
  case VERDICT_PASS:
    break;
  }
  return run->verdict == VERDICT_FAIL ? SKIPPED : PASSED;
}

static void tally_run(struct tally *tally, const struct result *result, const struct run *run) {
  tally->cases++;
  tally->of[outcome_of(result, run)]++;
  tally->seconds += run->seconds;
}

static void put_tally(xmlTextWriterPtr xml, const struct tally *tally) {
  static const char *const NAMES[OUTCOMES] = {NULL, "failures", "errors", "skipped"};
  xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "tests", "%zu", tally->cases);
  for (int i = FAILED; i < OUTCOMES; i++) {
    xmlTextWriterWriteFormatAttribute(xml, BAD_CAST NAMES[i], "%zu", tally->of[i]);
  }
  xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "time", "%.3f", tally->seconds);
}

static void put_finding(struct buf *out, const struct run *run, const struct finding *finding) {
  struct strlist facts = {0};
  phrase_facts(run, finding, &facts);
  buf_printf(out, "%s: %s\n", phrase_kind(finding), finding->message ? finding->message : "");
  for (size_t i = 0; i < facts.count; i += 2) {
    buf_printf(out, "%s: %s\n", facts.items[i], facts.items[i + 1]);
  }
  char *interleaving = interleaving_text(finding, INTERLEAVING_WIDTH);
  if (interleaving) {
    buf_printf(out, "in order of execution:\n%s", interleaving);
  }
  char *accesses = phrase_accesses(finding);
  if (accesses) {
    buf_printf(out, "accesses, in order of time:\n%s", accesses);
  } else if (finding->traceback) {
    buf_printf(out, "%s\n", finding->traceback);
  }
  if (finding->replay) {
    buf_printf(out, "replay: %s\n", finding->replay);
  }
  free(accesses);
  free(interleaving);
  strlist_free(&facts);
}

/* Those that fail the run, or those that are shown. */
static void put_those(struct buf *out, const struct run *run, bool failing) {
  for (size_t i = 0; i < run->finding_count; i++) {
    if (finding_fails(run, &run->findings[i]) == failing) {
      put_finding(out, run, &run->findings[i]);
      buf_puts(out, "\n");
    }
  }
}

/* The body of a failure, or of an expected one. */
static void put_findings(xmlTextWriterPtr xml, const struct run *run) {
  struct buf body = {0};
  char *expected = phrase_expected(run);
  buf_puts(&body, "\n");
  if (*expected) {
    buf_printf(&body, "%s\n\n", expected);
  }
  put_those(&body, run, true);
  if (run->replay && !run->replayed.outcome) {
    bool explored = run->engine && strcmp(run->engine, "explore") == 0;
    buf_printf(&body, "%s: %s\n", explored ? "the run again" : "replay", run->replay);
  }
  xml_content(xml, buf_text(&body));
  buf_free(&body);
  free(expected);
}

static const struct finding *first_failing(const struct run *run) {
  size_t i = 0;
  while (i < run->finding_count && !finding_fails(run, &run->findings[i])) {
    i++;
  }
  return i < run->finding_count ? &run->findings[i] : NULL;
}

static void put_failure(xmlTextWriterPtr xml, const struct run *run) {
  const struct finding *finding = first_failing(run);
  char *message = finding ? phrase_first_line(finding->message) : phrase_expected(run);
  xml_start(xml, "failure");
  xml_attribute(xml, "type", finding ? finding_kind_name(finding->kind) : "expected-failure-missing");
  xml_attribute(xml, "message", message);
  put_findings(xml, run);
  xml_end(xml);
  free(message);
}

static void put_skipped(xmlTextWriterPtr xml, const struct run *run) {
  const char *because = run->expected.because;
  char *message = mem_printf("expected failure%s%s", because ? ": " : "", because ? because : "");
  xml_start(xml, "skipped");
  xml_attribute(xml, "message", message);
  put_findings(xml, run);
  xml_end(xml);
  free(message);
}

static void put_error(xmlTextWriterPtr xml, const char *why) {
  xml_start(xml, "error");
  xml_attribute(xml, "type", "inconclusive");
  xml_attribute(xml, "message", why ? why : "inconclusive");
  xml_end(xml);
}

static void put_output(xmlTextWriterPtr xml, const struct run *run) {
  char *label = phrase_label(run);
  char *coverage = phrase_coverage(run);
  char *replayed = phrase_replayed(run);
  char *races = phrase_races(run);
  struct buf text = {0};
  buf_printf(&text, "\n%s\n%s%s%s\n", label, replayed, *replayed ? "\n" : "", coverage);
  if (strcmp(races, "-") != 0) {
    buf_printf(&text, "races: %s\n", races);
  }
  for (size_t i = 0; i < run->coverage.notes.count; i++) {
    buf_printf(&text, "note: %s\n", run->coverage.notes.items[i]);
  }
  put_those(&text, run, false);
  xml_start(xml, "system-out");
  xml_content(xml, buf_text(&text));
  xml_end(xml);
  buf_free(&text);
  free(label);
  free(coverage);
  free(replayed);
  free(races);
}

static void start_case(xmlTextWriterPtr xml, const char *suite, const char *name, double seconds) {
  char *class = mem_printf("flashflood.%s", suite);
  xml_start(xml, "testcase");
  xml_attribute(xml, "classname", class);
  xml_attribute(xml, "name", name);
  xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "time", "%.3f", seconds);
  free(class);
}

static void put_case(xmlTextWriterPtr xml, const struct result *result, const struct run *run) {
  char *target = phrase_target(run);
  char *engine = phrase_engine(run);
  char *name = mem_printf("%s [%s]", target, engine);
  start_case(xml, run->scenario ? run->scenario : "", name, run->seconds);
  switch (outcome_of(result, run)) {
  case FAILED:
    put_failure(xml, run);
    break;
  case ERRED:
    put_error(xml, run->why);
    break;
  case SKIPPED:
    put_skipped(xml, run);
    break;
  default:
    break;
  }
  put_output(xml, run);
  xml_end(xml);
  free(target);
  free(engine);
  free(name);
}

static bool same_scenario(const struct run *one, const struct run *other) {
  return strcmp(one->scenario ? one->scenario : "", other->scenario ? other->scenario : "") == 0;
}

static bool is_first_of_scenario(const struct result *result, size_t index) {
  for (size_t i = 0; i < index; i++) {
    if (same_scenario(&result->runs[i], &result->runs[index])) {
      return false;
    }
  }
  return true;
}

static void put_property(xmlTextWriterPtr xml, const char *name, const char *value) {
  if (value) {
    xml_start(xml, "property");
    xml_attribute(xml, "name", name);
    xml_attribute(xml, "value", value);
    xml_end(xml);
  }
}

static void put_unused(xmlTextWriterPtr xml, const struct result *result) {
  struct strlist unused = {0};
  phrase_unused(result, &unused);
  for (size_t i = 0; i < unused.count; i++) {
    put_property(xml, "note", unused.items[i]);
  }
  strlist_free(&unused);
}

static void start_suite(xmlTextWriterPtr xml, const struct result *result, const char *name,
                        const struct tally *tally) {
  xml_start(xml, "testsuite");
  xml_attribute(xml, "name", name);
  put_tally(xml, tally);
  xml_start(xml, "properties");
  put_property(xml, "tool", result->tool);
  put_property(xml, "command", result->command);
  put_property(xml, "platform", result->platform);
  put_unused(xml, result);
  xml_end(xml);
}

static void put_suite(xmlTextWriterPtr xml, const struct result *result, const struct run *first) {
  const struct run *stop = result->runs + result->run_count;
  struct tally tally = {0};
  for (const struct run *run = first; run < stop; run++) {
    if (same_scenario(run, first)) {
      tally_run(&tally, result, run);
    }
  }
  start_suite(xml, result, first->scenario, &tally);
  for (const struct run *run = first; run < stop; run++) {
    if (same_scenario(run, first)) {
      put_case(xml, result, run);
    }
  }
  xml_end(xml);
}

static bool is_whole(const struct result *result) { return !result->cut_short && result->run_count > 0; }

static void put_not_whole(xmlTextWriterPtr xml, const struct result *result) {
  struct tally tally = {.cases = 1, .of = {[ERRED] = 1}};
  char *why = result->cut_short ? phrase_cut_short() : mem_dup("no run was done");
  start_suite(xml, result, "flashflood", &tally);
  start_case(xml, "campaign", "all runs were done", 0);
  put_error(xml, why);
  xml_end(xml);
  xml_end(xml);
  free(why);
}

static void put_result(xmlTextWriterPtr xml, const struct result *result) {
  struct tally tally = {0};
  for (size_t i = 0; i < result->run_count; i++) {
    tally_run(&tally, result, &result->runs[i]);
  }
  tally.cases += !is_whole(result);
  tally.of[ERRED] += !is_whole(result);
  xmlTextWriterSetIndent(xml, 1);
  xmlTextWriterStartDocument(xml, NULL, "UTF-8", NULL);
  xml_start(xml, "testsuites");
  xml_attribute(xml, "name", "flashflood");
  put_tally(xml, &tally);
  for (size_t i = 0; i < result->run_count; i++) {
    if (is_first_of_scenario(result, i)) {
      put_suite(xml, result, &result->runs[i]);
    }
  }
  if (!is_whole(result)) {
    put_not_whole(xml, result);
  }
  xmlTextWriterEndDocument(xml);
}

static void render(const struct result *result, const struct report_style *style, struct buf *out) {
  (void)style;
  xmlBufferPtr text = xmlBufferCreate();
  xmlTextWriterPtr xml = text ? xmlNewTextWriterMemory(text, 0) : NULL;
  if (xml) {
    put_result(xml, result);
    xmlFreeTextWriter(xml); /* flushes into `text` */
    buf_add(out, xmlBufferContent(text), (size_t)xmlBufferLength(text));
  }
  xmlBufferFree(text);
}

static const struct report_format junit = {
    .name = "junit",
    .file = "junit.xml",
    .summary = "JUnit XML for CI servers: a suite for each scenario, a case for each run",
    .render = render,
};
REPORT_FORMAT(junit);
