/* Python's accesses and synchronisation, lifted to where data races are found: to ThreadSanitizer (tsan/shadow.h) and
 * to our own vector clocks (tsan/happens_before.h). Which threads there are, which cells, which operations; what an
 * instruction touches is lift_access.h's, where it stands is lift_stack.h's, what a container is called lift_names.h's.
 *
 * Accesses are those of the code under test (code_info.watched) in a thread that was begun between lift_begin() and
 * lift_end(). What happens before lift_begin() and after lift_end() is ordered with all of it. Objects that are touched
 * live until lift_end(), since a cell is known by its object's address. GIL held; runs no Python code. */
#ifndef FF_PYTHON_LIFT_H
#define FF_PYTHON_LIFT_H

#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>

#include "platform/err.h"
#include "tsan/happens_before.h"

struct _PyInterpreterFrame;

/* What of an object is touched. */
enum lift_part {
  LIFT_ATTRIBUTE, /* key: its name */
  LIFT_ITEM,      /* key: of a dict or set; the index of a list */
  LIFT_STRUCTURE, /* size and order */
  LIFT_CONTENT, /* all items of a container whose items have no names: deque, bytearray; or what a closure cell holds */
};

struct lift_cell {
  PyObject *object; /* owned until lift_end(), as is its key */
  PyObject *key;    /* NULL: none; of LIFT_ITEM of a list too: then `number` */
  uint64_t number;  /* what tells its key from others */
  uint32_t cell;    /* of happens_before.h and shadow.h */
  enum lift_part part;
};

struct lift_access {
  const char *thread;
  const char *started; /* "arroyo/…/processor.py:210 in StreamProcessor.run", or NULL: an actor */
  bool write;
  uint32_t stack; /* tsan/places.h */
};

/* For the length of the call. */
struct lift_race {
  const struct lift_cell *cell;
  const char *report;             /* ThreadSanitizer's text, or NULL */
  struct lift_access accesses[3]; /* in the order of time */
  int count;
  enum hb_effect effect;
};

/* Told of each race again and again; `known`: as it answered when it was first told of one between the same places. */
typedef void *lift_listener(void *arg, const struct lift_race *race);
typedef void lift_again(void *arg, void *known);

struct lift_setup {
  lift_listener *found; /* what it returns is handed to `again` */
  lift_again *again;
  void *arg;
};

/* Once a process. Synchronisation is listened to (sync.h) from now on. */
void lift_open(const struct lift_setup *setup);

/* A schedule or trial. `current`: which of the threads under control runs (below HB_MOST_THREADS; negative: none), NULL
 * where threads are real. Between them nothing is lifted. */
void lift_begin(int (*current)(void));
void lift_end(void);
bool lift_is_on(void);

/* Which accesses ThreadSanitizer is told of: all (NULL), or those from the places of one race, so that what it reports
 * is that race, and with threads that it is told the start of. Either way nothing is known any more: each race is found
 * for the first time again. */
struct lift_focus {
  uint32_t places[2]; /* tsan/places.h */
  bool writes[2];
  enum lift_part part;
};
void lift_focus(const struct lift_focus *focus);

/* The caller's thread; negative: not one whose accesses are lifted. */
int lift_thread(void);

/* What could not be followed, as sentences for the coverage. */
struct strlist;
void lift_limits(struct strlist *out);

/* ---- between lift_*.c ----------------------------------------------------------------------------------------------
 */

/* The loop that the accesses belong to, besides their thread. */
struct lift_context {
  uint64_t iteration;
  bool iteration_begins;
};

void lift_touch(PyObject *object, enum lift_part part, PyObject *key, uint64_t number, bool write);
void lift_set_context(const struct lift_context *context);
void lift_at(struct _PyInterpreterFrame *frame); /* the accesses to come are of the instruction that runs there */
/* Synchronisation of the caller's thread is not told until it is muted by nobody (NULL). */
void lift_mute(struct _PyInterpreterFrame *by);
struct _PyInterpreterFrame *lift_muted_by(void);
void lift_operation_ends(void); /* of the caller's thread: a call into the code under test returns */

#endif
