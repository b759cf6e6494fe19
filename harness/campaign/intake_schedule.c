/* What comes of engines that choose their schedules: the schedules themselves, and what may be claimed. */
#include <stdlib.h>
#include <string.h>

#include "campaign/intake.h"
#include "campaign/keeper.h"
#include "platform/mem.h"

enum { STEPS_MOST = 20000 }; /* kept of one interleaving: more than anybody reads */

static void take_steps(json_t *array, struct finding *finding) {
  size_t index;
  json_t *item;
  finding_drop_steps(finding);
  json_array_foreach(array, index, item) {
    if (index < STEPS_MOST && json_is_object(item)) {
      struct step *step = finding_add_step(finding);
      step->thread = intake_text(item, "thread");
      step->function = intake_text(item, "function");
      step->file = intake_text(item, "file");
      step->line = intake_number(item, "line");
      step->source = intake_text(item, "source");
      step->switched = json_is_true(json_object_get(item, "switched"));
    }
  }
}

static void keep(struct intake *intake, struct finding *finding, const char *text) {
  struct err err = ERR_INIT;
  if (intake->keeper && text && !keeper_keep(intake->keeper, finding, text, &err)) {
    char *note = mem_printf("the schedule of %s was not kept: %s", finding->fingerprint, err.msg);
    intake_note_once(intake, note);
    free(note);
  }
}

void intake_schedule(struct intake *intake, json_t *record) {
  const char *fingerprint = json_string_value(json_object_get(record, "fingerprint"));
  struct finding *finding = fingerprint ? run_find(intake->run, fingerprint) : NULL;
  if (fingerprint && strlist_has(&intake->suppressed, fingerprint)) {
    return;
  }
  if (!finding) {
    intake_note_once(intake, "the worker sent the schedule of a finding that it had not told");
    return;
  }
  const json_t *switches = json_object_get(record, "switches");
  json_t *steps = json_object_get(record, "interleaving");
  intake_holds(record, finding);
  intake_race_more(intake, record, finding);
  if (json_is_integer(switches)) {
    finding->switches = (int64_t)json_integer_value(switches);
  }
  if (json_is_array(steps)) {
    take_steps(steps, finding);
  }
  keep(intake, finding, json_string_value(json_object_get(record, "schedule")));
}

void intake_claim(struct intake *intake, json_t *record) {
  struct run *run = intake->run;
  const json_t *bound = json_object_get(record, "bound");
  double done = json_number_value(json_object_get(record, "done"));
  free(run->claim);
  run->claim = intake_text(record, "text");
  run->bound = json_is_integer(bound) && json_integer_value(bound) >= 0 ? (int64_t)json_integer_value(bound) : -1;
  run->complete = json_is_true(json_object_get(record, "complete"));
  intake->part_claimed = done > 0 && done <= 1 ? done : 0;
}

static int rank_of(const char *outcome) {
  int rank = 0;
  while (REPLAY_OUTCOMES[rank] && strcmp(REPLAY_OUTCOMES[rank], outcome) != 0) {
    rank++;
  }
  return rank;
}

/* A schedule that was run several times has one outcome, the first in REPLAY_OUTCOMES. */
void intake_replay(struct intake *intake, json_t *record) {
  struct replayed *replayed = &intake->run->replayed;
  const char *outcome = json_string_value(json_object_get(record, "outcome"));
  const json_t *line = json_object_get(record, "line");
  if (!outcome || !REPLAY_OUTCOMES[rank_of(outcome)]) {
    intake_note_once(intake, "the worker sent an outcome of a replay that is not known");
    return;
  }
  if (replayed->outcome && rank_of(replayed->outcome) <= rank_of(outcome)) {
    return;
  }
  free(replayed->outcome);
  free(replayed->detail);
  replayed->outcome = mem_dup(outcome);
  replayed->line = json_is_integer(line) && json_integer_value(line) > 0 ? (int64_t)json_integer_value(line) : -1;
  replayed->detail = intake_text(record, "detail");
}
