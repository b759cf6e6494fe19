#include "python/python.h"

#include "oracle/race.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "python/lift.h"
#include "python/lift_names.h"
#include "tsan/places.h"

static struct oracle_race *all; /* kept for the rest of the process */

static const char *operation(bool write) { return write ? "write" : "read"; }

static void add_access(struct race *race, const struct lift_access *from) {
  struct race_access *access = race_add_access(race);
  int count;
  const uint32_t *places = places_of_stack(from->stack, &count);
  const struct place *innermost = places_get(places[0]);
  access->thread = mem_dup(from->thread);
  access->started = mem_dup(from->started ? from->started : "an actor of the scenario");
  access->operation = mem_dup(operation(from->write));
  access->function = mem_dup(innermost->function);
  access->file = mem_dup(innermost->file);
  access->line = innermost->line;
  for (int i = 0; i < count; i++) {
    const struct place *place = places_get(places[i]);
    strlist_addf(&access->stack, "%s:%u in %s", place->file, place->line, place->function);
  }
}

static struct race *race_of(const struct lift_race *from) {
  struct race *race = mem_alloc(sizeof *race);
  race->container = lift_container_name(from->cell);
  race->key = lift_key_name(from->cell);
  race->effect = from->effect == HB_NOTHING ? NULL : mem_dup(RACE_EFFECTS[from->effect == HB_LOST_UPDATE ? 0 : 1]);
  for (int i = 0; i < from->count; i++) {
    add_access(race, &from->accesses[i]);
  }
  return race;
}

static char *what_of(const struct race *race, const struct lift_cell *cell) {
  bool structure = cell->part == LIFT_STRUCTURE;
  return race->key ? mem_printf("%s[%s]", race->container, race->key)
                   : mem_printf("%s%s", structure ? "size and order of " : "", race->container);
}

static char *message_of(const struct race *race, const struct lift_cell *cell) {
  char *what = what_of(race, cell);
  const struct race_access *first = &race->accesses[0], *second = &race->accesses[1];
  char *text;
  if (!race->effect) {
    text = mem_printf("%s: %s in %s and %s in %s are not ordered", what, first->operation, first->function,
                      second->operation, second->function);
  } else {
    text = mem_printf("%s: %s, since %s wrote in %s after the read in %s and before the %s in %s", what, race->effect,
                      second->thread, second->function, first->function, race->accesses[2].operation,
                      race->accesses[2].function);
  }
  free(what);
  return text;
}

/* Of the container and of the functions, not of the lines, keys or threads: so each defect is one. Without an effect
 * the two have no order. */
static void identify(const char *scenario, const struct race *race, char fingerprint[FINGERPRINT_SIZE]) {
  char *sides[3] = {NULL, NULL, NULL};
  for (size_t i = 0; i < race->access_count && i < 3; i++) {
    sides[i] = mem_printf("%s %s", race->accesses[i].operation, race->accesses[i].function);
  }
  bool swap = !race->effect && sides[1] && strcmp(sides[0], sides[1]) > 0;
  const char *parts[] = {
      scenario, finding_kind_name(FINDING_DATA_RACE), race->container, race->effect, sides[swap], sides[!swap],
      sides[2]};
  fingerprint_of(parts, sizeof parts / sizeof *parts, fingerprint);
  for (int i = 0; i < 3; i++) {
    free(sides[i]);
  }
}

/* Of an effect, the two that are not ordered: the other's write, and what it came before. */
static struct lift_focus focus_of(const struct lift_race *race) {
  struct lift_focus focus = {.part = race->cell->part};
  for (int i = 0; i < 2; i++) {
    const struct lift_access *access = &race->accesses[race->count - 2 + i];
    int count;
    focus.places[i] = places_of_stack(access->stack, &count)[0];
    focus.writes[i] = access->write;
  }
  return focus;
}

const struct oracle_race *oracle_race_find(const char *fingerprint) {
  for (const struct oracle_race *race = all; race; race = race->next) {
    if (strcmp(race->finding.fingerprint, fingerprint) == 0) {
      return race;
    }
  }
  return NULL;
}

/* The same two places: ThreadSanitizer reports them once, whichever of them was first, and whatever they touch. */
static bool same_places(const struct lift_focus *a, const struct lift_focus *b) {
  bool same = a->places[0] == b->places[0] && a->places[1] == b->places[1];
  bool turned = a->places[0] == b->places[1] && a->places[1] == b->places[0];
  return same || turned;
}

static const char *report_of_places(const struct lift_focus *focus) {
  const char *report = NULL;
  for (const struct oracle_race *race = all; race; race = race->next) {
    const char *text = race->finding.race->report;
    report = text && same_places(focus, &race->focus) ? text : report;
  }
  return report;
}

const char *oracle_race_report(const char *fingerprint) {
  const struct oracle_race *race = oracle_race_find(fingerprint);
  return race ? race->finding.race->report : NULL;
}

/* As the exception's oracle names it. */
static char *actor_of(const struct lift_access *access) {
  return mem_printf("%s%.*s", access->started ? "thread " : "", (int)strcspn(access->thread, "#"), access->thread);
}

static struct finding finding_of(const struct oracle_context *context, const struct lift_race *from) {
  struct race *race = race_of(from);
  const struct race_access *last = &race->accesses[race->access_count - 1];
  char fingerprint[FINGERPRINT_SIZE];
  identify(context->scenario_name, race, fingerprint);
  return (struct finding){.kind = FINDING_DATA_RACE,
                          .message = message_of(race, from->cell),
                          .actor = actor_of(&from->accesses[from->count - 1]),
                          .where =
                              mem_printf("%s:%llu in %s", last->file, (unsigned long long)last->line, last->function),
                          .reachable = mem_dup(race->effect ? context->reachable : RACE_BY_LANGUAGE),
                          .confirmed = race->effect ? context->confirmed : TRI_UNKNOWN,
                          .switches = -1,
                          .race = race,
                          .fingerprint = mem_dup(fingerprint)};
}

/* A race may be known from a replay, and be new to this ledger. */
static void enter(const struct oracle_context *context, const struct oracle_race *race) {
  if (!ledger_seen(context->ledger, FINDING_DATA_RACE, race->finding.fingerprint)) {
    struct finding copy = race->finding;
    ledger_enter(context->ledger, &copy);
  }
}

/* Taken note of while the instruction is observed: an exception that is set stays. */
static void *on_found(void *arg, const struct lift_race *from) {
  const struct oracle_context *context = arg;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  struct oracle_race *race = mem_alloc(sizeof *race);
  *race = (struct oracle_race){.finding = finding_of(context, from), .focus = focus_of(from), .next = all};
  const char *report = from->report ? from->report : report_of_places(&race->focus);
  race->finding.race->report = report ? mem_dup(report) : NULL;
  all = race;
  enter(context, race);
  PyErr_Restore(type, value, traceback);
  return race;
}

static void again(void *arg, void *known) { enter(arg, known); }

void oracle_watch_races(const struct oracle_context *context) {
  lift_open(&(struct lift_setup){.found = on_found, .again = again, .arg = (void *)context});
}
