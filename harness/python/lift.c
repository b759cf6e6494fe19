#include "python/python.h"

#include "python/lift.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/buf.h"
#include "platform/mem.h"
#include "python/lift_cells.h"
#include "python/lift_known.h"
#include "python/lift_names.h"
#include "python/lift_stack.h"
#include "python/opcode_events.h"
#include "python/sync.h"
#include "tsan/places.h"
#include "tsan/shadow.h"

#define NAME_SIZE 96
#define STARTED_SIZE 400
#define MOST_STARTS 256 /* threads that are started in one trial and lifted: also those that ended */

/* A thread that is to begin, that runs or that has ended. */
struct start {
  char name[NAME_SIZE];
  char started[STARTED_SIZE]; /* "" for an actor */
  uint64_t trial;             /* that it was started in */
  uint32_t sync;              /* the new thread comes after what was released there */
  struct shadow_thread *shadow;
  struct _PyInterpreterFrame *muted_by;
  uint64_t operation; /* the calls into the code under test that have returned, and one */
};

static struct {
  struct lift_setup setup;
  bool on;
  uint64_t number; /* of the schedule or trial */
  int (*current)(void);
  int slot_of[HB_MOST_THREADS]; /* by current()'s answer: an index of `threads`, -1: none */
  struct start *threads[HB_MOST_THREADS];
  int thread_count;
  struct start starts[MOST_STARTS];
  int start_count;
  struct lift_context context;
  struct _PyInterpreterFrame *frame; /* of the instruction that is observed */
  uint32_t stack;                    /* of it; 0: not asked for yet */
  const struct lift_focus *focus;
  PyObject *accidental[8]; /* owned */
  bool too_many_threads, too_many_cells;
} own;

/* On real threads: which of them the caller is, if it is of the trial that runs. */
static __thread struct {
  uint64_t number;
  int slot;
} me = {.slot = -1};

bool lift_is_on(void) { return own.on; }

int lift_thread(void) {
  if (!own.on) {
    return -1;
  }
  if (!own.current) {
    return me.number == own.number ? me.slot : -1;
  }
  int index = own.current();
  return index >= 0 && index < HB_MOST_THREADS ? own.slot_of[index] : -1;
}

/* ---- threads -------------------------------------------------------------------------------------------------------
 */

static void say_where(uint32_t stack, char text[STARTED_SIZE]) {
  int count;
  const uint32_t *places = places_of_stack(stack, &count);
  for (int i = 0; i < count; i++) {
    const struct place *place = places_get(places[i]);
    if (!strstr(place->file, "threading.py")) {
      snprintf(text, STARTED_SIZE, "%s:%u in %s", place->file, place->line, place->function);
      return;
    }
  }
}

/* As a schedule names them: the second and later ones of a name get a number. */
static void name_thread(struct start *start, const char *name) {
  size_t len = strnlen(name, NAME_SIZE - 16);
  int twins = 0;
  for (const struct start *other = own.starts; other < start; other++) {
    twins += strncmp(other->name, name, len) == 0 && (other->name[len] == '\0' || other->name[len] == '#');
  }
  snprintf(start->name, sizeof start->name, twins ? "%.*s#%d" : "%.*s", (int)len, name, twins + 1);
}

static void *starting(const char *name) {
  if (!own.on || own.start_count == MOST_STARTS) {
    own.too_many_threads |= own.on;
    return NULL;
  }
  struct start *start = &own.starts[own.start_count++];
  int parent = lift_thread();
  uint32_t stack = parent >= 0 ? lift_stack(NULL) : 0;
  start->started[0] = '\0'; /* each on its own: to clear the texts as a whole would take longer than all else here */
  start->trial = own.number;
  start->sync = hb_new_sync();
  start->muted_by = NULL;
  start->operation = 1;
  name_thread(start, name);
  if (stack) {
    say_where(stack, start->started);
  }
  if (parent >= 0) {
    hb_release(parent, start->sync);
  }
  start->shadow = shadow_start(parent >= 0 ? own.threads[parent]->shadow : NULL, stack, start->name);
  return start;
}

static void begun(void *token) {
  struct start *start = token;
  int index = own.current ? own.current() : 0;
  if (!own.on || !start || start->trial != own.number || index < 0 || index >= HB_MOST_THREADS) {
    return;
  }
  if (own.thread_count == HB_MOST_THREADS) {
    own.too_many_threads = true;
    return;
  }
  int slot = own.thread_count++;
  own.threads[slot] = start;
  hb_acquire(slot, start->sync);
  if (own.current) {
    own.slot_of[index] = slot;
  } else {
    me.number = own.number;
    me.slot = slot;
    opcode_events_thread();
  }
}

static void ended(void *token) {
  if (token && !own.current) {
    me.slot = -1;
  }
}

static void not_begun(void *token) { (void)token; }

void lift_mute(struct _PyInterpreterFrame *by) {
  int thread = lift_thread();
  if (thread >= 0) {
    own.threads[thread]->muted_by = by;
  }
}

struct _PyInterpreterFrame *lift_muted_by(void) {
  int thread = lift_thread();
  return thread >= 0 ? own.threads[thread]->muted_by : NULL;
}

void lift_operation_ends(void) {
  int thread = lift_thread();
  if (thread >= 0) {
    own.threads[thread]->operation++;
  }
}

/* ---- synchronisation -----------------------------------------------------------------------------------------------
 */

/* Locks that the standard library takes for its own books whenever a thread starts or ends. They order by accident:
 * the program cannot rely on them, and another release may have others. */
static const char *const accidental[][2] = {{"threading", "_active_limbo_lock"},
                                            {"threading", "_shutdown_locks_lock"},
                                            {"concurrent.futures.thread", "_global_shutdown_lock"}};
enum { ACCIDENTAL = sizeof accidental / sizeof *accidental };

static void find_accidental(void) {
  for (int i = 0; i < ACCIDENTAL; i++) {
    PyObject *module = own.accidental[i] ? NULL : PyDict_GetItemString(PyImport_GetModuleDict(), accidental[i][0]);
    own.accidental[i] = module ? PyObject_GetAttrString(module, accidental[i][1]) : own.accidental[i];
    PyErr_Clear();
  }
}

static bool is_accidental(PyObject *object) {
  for (int i = 0; i < ACCIDENTAL; i++) {
    if (own.accidental[i] == object) {
      return true;
    }
  }
  return false;
}

/* Whether what the thread does with it counts. */
static bool orders(int thread, PyObject *object) {
  return thread >= 0 && !own.threads[thread]->muted_by && !is_accidental(object);
}

static void acquired(PyObject *object) {
  int thread = lift_thread();
  if (orders(thread, object)) {
    uint32_t sync = lift_sync_of(object);
    hb_acquire(thread, sync);
    shadow_acquire(own.threads[thread]->shadow, sync);
  }
}

static void releasing(PyObject *object) {
  int thread = lift_thread();
  if (orders(thread, object)) {
    uint32_t sync = lift_sync_of(object);
    hb_release(thread, sync);
    shadow_release(own.threads[thread]->shadow, sync);
  }
}

static void gone(PyObject *object) {
  if (own.on) {
    lift_sync_gone(object);
  }
}

/* ---- accesses ------------------------------------------------------------------------------------------------------
 */

void lift_set_context(const struct lift_context *context) { own.context = *context; }

void lift_at(struct _PyInterpreterFrame *frame) {
  own.frame = frame;
  own.stack = 0;
}

static struct lift_access described(const struct hb_access *access) {
  const struct start *thread = own.threads[access->thread];
  return (struct lift_access){.thread = thread->name,
                              .started = thread->started[0] ? thread->started : NULL,
                              .write = access->write,
                              .stack = access->stack};
}

static struct lift_race make_race(const struct lift_cell *cell, const struct hb_race *found,
                                  const struct hb_access *access) {
  struct lift_race race = {.cell = cell, .effect = found->effect};
  if (found->effect != HB_NOTHING) {
    race.accesses[race.count++] = described(&found->before);
  }
  race.accesses[race.count++] = described(&found->other);
  race.accesses[race.count++] = described(access);
  return race;
}

/* A race between the same places was told before: ThreadSanitizer would work for long to find that it has reported it,
 * unless it is the one that its report is wanted of. */
static bool all_known(const struct lift_race *races, int count) {
  bool known = count > 0;
  for (int i = 0; i < count; i++) {
    void *answer;
    known &= lift_known(&races[i], &answer);
  }
  return known;
}

static bool in_focus(const struct lift_cell *cell, const struct hb_access *access) {
  const struct lift_focus *focus = own.focus;
  int count;
  uint32_t place = places_of_stack(access->stack, &count)[0];
  if (focus && focus->part != cell->part) {
    return false;
  }
  bool is_first = focus && focus->places[0] == place && focus->writes[0] == access->write;
  return !focus || is_first || (focus->places[1] == place && focus->writes[1] == access->write);
}

static void tell(struct lift_race *race) {
  void *answer;
  if (lift_known(race, &answer) && !race->report) {
    own.setup.again(own.setup.arg, answer);
  } else {
    lift_now_known(race, own.setup.found(own.setup.arg, race));
  }
}

static void touch(int thread, const struct lift_cell *cell, bool write) {
  struct hb_race found[HB_MOST_RACES];
  struct lift_race races[HB_MOST_RACES];
  struct hb_access access = {.thread = thread,
                             .write = write,
                             .stack = own.stack,
                             .operation = own.threads[thread]->operation,
                             .iteration = own.context.iteration,
                             .begins = own.context.iteration_begins};
  int count = hb_touch(cell->cell, &access, found);
  for (int i = 0; i < count; i++) {
    races[i] = make_race(cell, &found[i], &access);
  }
  bool to_sanitizer = in_focus(cell, &access) && (own.focus || !all_known(races, count));
  if (to_sanitizer) {
    shadow_touch(own.threads[thread]->shadow, cell->cell, write, access.stack);
  }
  for (int i = 0; i < count; i++) {
    races[i].report = to_sanitizer ? shadow_report() : NULL;
    tell(&races[i]);
  }
}

void lift_touch(PyObject *object, enum lift_part part, PyObject *key, uint64_t number, bool write) {
  int thread = lift_thread();
  if (thread < 0) {
    return;
  }
  own.stack = own.stack ? own.stack : lift_stack(own.frame);
  const struct lift_cell *cell = lift_cell_of(object, part, key, number);
  if (!cell) {
    own.too_many_cells = true;
    return;
  }
  touch(thread, cell, write);
}

/* ---- schedules and trials ------------------------------------------------------------------------------------------
 */

void lift_open(const struct lift_setup *setup) {
  static const struct sync_listener listener = {.acquired = acquired,
                                                .releasing = releasing,
                                                .gone = gone,
                                                .starting = starting,
                                                .begun = begun,
                                                .ended = ended,
                                                .not_begun = not_begun};
  own.setup = *setup;
  lift_names_open();
  shadow_open();
  sync_listen(&listener);
}

void lift_begin(int (*current)(void)) {
  own.current = current;
  own.number++;
  shadow_fresh_threads(!current || own.focus);
  own.thread_count = own.start_count = 0;
  memset(own.slot_of, 0xFF, sizeof own.slot_of); /* -1 */
  hb_reset();
  lift_cells_begin();
  find_accidental();
  own.on = true;
}

void lift_end(void) {
  own.on = false;
  for (int i = 0; i < own.start_count; i++) {
    shadow_ended(own.starts[i].shadow);
  }
  own.start_count = own.thread_count = 0;
  lift_cells_end();
}

void lift_focus(const struct lift_focus *focus) {
  own.focus = focus;
  shadow_report_again(focus);
}

void lift_limits(struct strlist *out) {
  if (own.too_many_threads) {
    strlist_addf(out, "races: more than %d threads in one trial, the accesses of those above were not followed",
                 HB_MOST_THREADS);
  }
  if (own.too_many_cells) {
    strlist_addf(out, "races: more than %d places in memory in one trial, accesses to those above were not followed",
                 LIFT_MOST_CELLS);
  }
}
