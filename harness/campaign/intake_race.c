/* Data races in records: what a worker tells of one, and which of them a suppression takes for none. */
#include <stdlib.h>
#include <string.h>

#include "campaign/intake.h"
#include "campaign/keeper.h"
#include "campaign/suppress.h"
#include "platform/mem.h"

enum { ACCESSES_MOST = 16, STACK_MOST = 200 }; /* kept of one race: more than anybody reads */

/* One of `words`, or NULL. The caller's. */
static char *take_word(json_t *object, const char *key, const char *const *words) {
  const char *word = json_string_value(json_object_get(object, key));
  while (word && *words && strcmp(*words, word) != 0) {
    words++;
  }
  return word ? mem_dup(*words) : NULL;
}

static void take_access(json_t *item, struct race_access *access) {
  json_t *stack = json_object_get(item, "stack");
  access->thread = intake_text(item, "thread");
  access->started = intake_text(item, "started");
  access->operation = take_word(item, "operation", RACE_OPERATIONS);
  access->function = intake_text(item, "function");
  access->file = intake_text(item, "file");
  access->line = intake_number(item, "line");
  for (size_t i = 0; i < json_array_size(stack) && i < STACK_MOST; i++) {
    const char *frame = json_string_value(json_array_get(stack, i));
    if (frame) {
      strlist_add(&access->stack, frame);
    }
  }
}

struct race *intake_race(json_t *value) {
  size_t index;
  json_t *item;
  if (!json_is_object(value)) {
    return NULL;
  }
  struct race *race = mem_alloc(sizeof *race);
  race->container = intake_text(value, "container");
  race->key = intake_text(value, "key");
  json_array_foreach(json_object_get(value, "accesses"), index, item) {
    if (index < ACCESSES_MOST && json_is_object(item)) {
      take_access(item, race_add_access(race));
    }
  }
  return race;
}

static void keep_report(struct intake *intake, struct finding *finding) {
  struct err err = ERR_INIT;
  if (intake->keeper && !keeper_keep_report(intake->keeper, finding, &err)) {
    char *note = mem_printf("ThreadSanitizer's report of %s was not kept: %s", finding->fingerprint, err.msg);
    intake_note_once(intake, note);
    free(note);
  }
}

void intake_race_more(struct intake *intake, json_t *record, struct finding *finding) {
  char *effect = take_word(record, "effect", RACE_EFFECTS);
  char *report = intake_text(record, "report");
  if (finding->race && effect) {
    free(finding->race->effect);
    finding->race->effect = effect;
    effect = NULL;
  }
  if (finding->race && report) {
    free(finding->race->report);
    finding->race->report = report;
    report = NULL;
    keep_report(intake, finding);
  }
  free(effect);
  free(report);
}

bool intake_suppresses(struct intake *intake, const struct finding *finding) {
  if (strlist_has(&intake->suppressed, finding->fingerprint)) {
    return true;
  }
  struct suppression *suppression = intake->result ? suppress_find(intake->result, finding) : NULL;
  if (!suppression) {
    return false;
  }
  suppression->used++;
  intake->run->races.suppressed++;
  strlist_add(&intake->suppressed, finding->fingerprint);
  return true;
}
