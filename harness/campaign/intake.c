/* Records in, model out. */
#include <stdlib.h>
#include <string.h>

#include "campaign/intake.h"
#include "model/record.h"
#include "platform/clock.h"
#include "platform/mem.h"

enum { LINE_MOST = 16 * 1024 * 1024 }; /* bytes of one record: far more than any of ours */

char *intake_text(json_t *record, const char *key) { return mem_dup(json_string_value(json_object_get(record, key))); }

uint64_t intake_number(json_t *record, const char *key) {
  json_int_t number = json_integer_value(json_object_get(record, key));
  return number > 0 ? (uint64_t)number : 0;
}

void intake_note_once(struct intake *intake, const char *note) {
  if (!strlist_has(&intake->run->coverage.notes, note)) {
    strlist_add(&intake->run->coverage.notes, note);
  }
}

void intake_holds(json_t *record, struct finding *finding) {
  const char *reachable = json_string_value(json_object_get(record, "reachable"));
  const json_t *confirmed = json_object_get(record, "confirmed");
  bool known = reachable && (strcmp(reachable, "gil") == 0 || strcmp(reachable, "bytecode") == 0 ||
                             (finding->race && strcmp(reachable, RACE_BY_LANGUAGE) == 0));
  if (known) {
    free(finding->reachable);
    finding->reachable = mem_dup(reachable);
  }
  if (json_is_boolean(confirmed)) {
    finding->confirmed = json_is_true(confirmed) ? TRI_TRUE : TRI_FALSE;
  }
}

static void take_hello(struct intake *intake, json_t *record) {
  free(intake->run->python);
  free(intake->run->python_binary);
  free(intake->stdlib);
  intake->stdlib = intake_text(record, "stdlib");
  intake->run->python = intake_text(record, "python");
  intake->run->python_binary = intake_text(record, "binary");
}

static void take_ready(struct intake *intake, json_t *record) {
  size_t index;
  json_t *actor;
  uint64_t threads = 0;
  json_array_foreach(json_object_get(record, "actors"), index, actor) {
    const char *name = json_string_value(json_object_get(actor, "name"));
    if (name) {
      coverage_set_actor(&intake->run->coverage, name, intake_number(actor, "threads"), 0);
      threads += intake_number(actor, "threads");
    }
  }
  intake->run->threads = threads;
  intake->run->races.looked_for &= !json_is_false(json_object_get(record, "lifted"));
  intake->no_gil = json_is_false(json_object_get(record, "gil"));
  intake->ready = true;
}

static void take_refused(struct intake *intake, json_t *record) {
  free(intake->refused);
  intake->refused = intake_text(record, "message");
  intake->refused_code = (int)intake_number(record, "code");
}

static void take_control(struct intake *intake, json_t *record) {
  struct coverage *coverage = &intake->run->coverage;
  intake->control_failed = !json_is_true(json_object_get(record, "passed"));
  free(coverage->control);
  coverage->control = mem_dup(intake->control_failed ? "failed" : "passed");
  const char *message = json_string_value(json_object_get(record, "message"));
  if (intake->control_failed) {
    strlist_addf(&coverage->notes, "the control failed: %s", message ? message : "without a message");
  }
}

void intake_holds_for_engine(const struct intake *intake, struct finding *finding) {
  const struct run *run = intake->run;
  bool controlled = run->points && strcmp(run->points, "free") != 0;
  finding->reachable = mem_dup(controlled ? run->points : intake->no_gil ? "bytecode" : "gil");
  finding->confirmed = controlled ? TRI_UNKNOWN : TRI_TRUE;
}

static void take_finding(struct intake *intake, json_t *record) {
  enum finding_kind kind;
  const char *fingerprint = json_string_value(json_object_get(record, "fingerprint"));
  if (!fingerprint || !finding_kind_parse(json_string_value(json_object_get(record, "kind")), &kind)) {
    return;
  }
  struct finding *known = run_find(intake->run, fingerprint);
  if (known) { /* ThreadSanitizer's reports are not counted by the worker */
    known->count++;
    return;
  }
  struct finding finding = {.kind = kind,
                            .fingerprint = mem_dup(fingerprint),
                            .message = intake_text(record, "message"),
                            .actor = intake_text(record, "actor"),
                            .where = intake_text(record, "where"),
                            .traceback = intake_text(record, "traceback"),
                            .first_at = intake_number(record, "first_at"),
                            .count = 1,
                            .switches = -1};
  finding.race = kind == FINDING_DATA_RACE ? intake_race(json_object_get(record, "race")) : NULL;
  if (intake_suppresses(intake, &finding)) {
    finding_free(&finding);
    return;
  }
  intake_holds_for_engine(intake, &finding);
  intake_holds(record, &finding);
  *run_add_finding(intake->run) = finding;
  intake_race_more(intake, json_object_get(record, "race"), run_find(intake->run, fingerprint));
}

static void take_progress(struct intake *intake, json_t *record) {
  struct run *run = intake->run;
  const char *name;
  json_t *value;
  run->schedules = intake_number(record, "schedules");
  run->operations = intake_number(record, "operations");
  double seconds = json_real_value(json_object_get(record, "seconds"));
  run->seconds =
      (double)(int64_t)(seconds * 1000 + 0.5) / 1000; /* as result.json has it: reports render the same again */
  run->coverage.peak_rss_kib = intake_number(record, "peak_rss_kib");
  json_object_foreach(json_object_get(record, "counts"), name, value) {
    struct finding *finding = run_find(run, name);
    if (finding) {
      finding->count = (uint64_t)json_integer_value(value);
    }
  }
  json_object_foreach(json_object_get(record, "reached"), name, value) {
    coverage_set_reached(&run->coverage, name, (uint64_t)json_integer_value(value));
  }
  for (size_t i = 0; i < run->coverage.actor_count; i++) {
    struct coverage_actor *actor = &run->coverage.actors[i];
    actor->calls = intake_number(json_object_get(record, "calls"), actor->name);
  }
}

static void take_note(struct intake *intake, json_t *record) {
  const char *text = json_string_value(json_object_get(record, "text"));
  if (text) {
    strlist_add(&intake->run->coverage.notes, text);
  }
}

static void take_done(struct intake *intake, json_t *record) {
  intake->done = true;
  intake->why = intake_text(record, "why");
}

static const struct {
  const char *name;
  void (*take)(struct intake *intake, json_t *record);
} TAKERS[] = {
    {RECORD_HELLO, take_hello},     {RECORD_READY, take_ready},         {RECORD_REFUSED, take_refused},
    {RECORD_CONTROL, take_control}, {RECORD_FINDING, take_finding},     {RECORD_PROGRESS, take_progress},
    {RECORD_NOTE, take_note},       {RECORD_SCHEDULE, intake_schedule}, {RECORD_CLAIM, intake_claim},
    {RECORD_REPLAY, intake_replay}, {RECORD_DONE, take_done},
};

static void take_line(struct intake *intake, const char *line, size_t len) {
  json_t *record = json_loadb(line, len, 0, NULL);
  const char *kind = json_string_value(json_object_get(record, "record"));
  bool known = false;
  for (size_t i = 0; kind && i < sizeof TAKERS / sizeof *TAKERS; i++) {
    if (strcmp(kind, TAKERS[i].name) == 0) {
      TAKERS[i].take(intake, record);
      known = true;
    }
  }
  if (!known) {
    intake_note_once(intake, "the worker sent a line that is no record");
  }
  json_decref(record);
  intake->heard_at = clock_now();
}

void intake_records(struct intake *intake) {
  size_t used = 0;
  for (char *end; intake->line.data && (end = memchr(intake->line.data + used, '\n', intake->line.len - used));) {
    take_line(intake, intake->line.data + used, (size_t)(end - intake->line.data) - used);
    used = (size_t)(end - intake->line.data) + 1;
  }
  buf_drop_front(&intake->line, used);
  if (intake->line.len > LINE_MOST) {
    intake_note_once(intake, "the worker sent a record without an end");
    buf_free(&intake->line);
  }
}

void intake_free(struct intake *intake) {
  buf_free(&intake->line);
  buf_free(&intake->stacks);
  buf_free(&intake->log);
  free(intake->stdlib);
  free(intake->why);
  free(intake->refused);
  strlist_free(&intake->suppressed);
}
