/* What was heard of one worker: records in, model out. */
#ifndef FF_CAMPAIGN_INTAKE_H
#define FF_CAMPAIGN_INTAKE_H

#include <jansson.h>

#include "model/result.h"

struct keeper;

struct intake {
  struct run *run;             /* where it goes; may move between calls */
  const struct keeper *keeper; /* of schedules; NULL: they are dropped */
  struct result *result;       /* whose suppressions hold; NULL: none do */
  struct strlist suppressed;   /* fingerprints of races that are no findings */
  struct buf line;             /* records, up to the last newline */
  struct buf stacks;           /* faulthandler's */
  struct buf log;              /* the end of its standard output and error */
  char *stdlib;                /* the folder of the standard library: shown as "lib" */
  bool ready;
  bool no_gil; /* the interpreter's is off */
  bool done;
  bool control_failed;
  double part_claimed; /* of the space of schedules, 0 to 1; 0 where it is not known */
  char *why;           /* `done` said that it was cut short */
  char *refused;       /* the message of a `refused` record */
  int refused_code;    /* its enum err_code */
  double heard_at;     /* clock_now() of the last record that shows life */
};

/* Takes in the whole lines that are in intake->line. Lines that are no records are noted, never fatal. */
void intake_records(struct intake *intake);
void intake_free(struct intake *intake);

/* For the takers of records. */
char *intake_text(json_t *record, const char *key); /* NULL where there is none; the caller's */
uint64_t intake_number(json_t *record, const char *key);
void intake_note_once(struct intake *intake, const char *note);
/* Real threads on the real interpreter produced it; or it holds under the switch points of the run. */
void intake_holds_for_engine(const struct intake *intake, struct finding *finding);
void intake_holds(json_t *record, struct finding *finding); /* `reachable` and `confirmed`, where it says so */

/* Races (intake_race.c). NULL where `value` is no object; what is missing or of another type in it stays unknown. */
struct race *intake_race(json_t *value);
void intake_race_more(struct intake *intake, json_t *record, struct finding *finding); /* `report`, `effect` */
/* It is suppressed, now or since an earlier record of it: then it is counted and is to be no finding. */
bool intake_suppresses(struct intake *intake, const struct finding *finding);

/* The records of engines that choose their schedules. */
void intake_schedule(struct intake *intake, json_t *record);
void intake_claim(struct intake *intake, json_t *record);
void intake_replay(struct intake *intake, json_t *record);

#endif
