/* Schedules that are to be run, compactly: there may be millions.
 *
 * An item is a schedule's deviations from the default choice, in the order of their indexes, each two numbers of seven
 * bits a byte; then the length of these in four bytes, so that the last item can be taken off. Threading: one thread at
 * a time. */
#ifndef FF_STRATEGY_WORKLIST_H
#define FF_STRATEGY_WORKLIST_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/buf.h"

struct deviation {
  uint64_t index; /* of the choice, counted from 0 in its schedule: threads and numbers alike */
  uint64_t value; /* the thread, or the number */
};

struct worklist {
  struct buf bytes;
  uint64_t count;
};

void worklist_put(struct worklist *list, struct deviation deviation);
void worklist_close(struct worklist *list, size_t start); /* what was put since bytes.len was `start` is an item */
void worklist_clear(struct worklist *list);

/* Takes the last item off. Its bytes stay where they are until something is put. */
const char *worklist_pop(struct worklist *list, size_t *length);
struct deviation worklist_take(const char **at); /* of an item's bytes */

/* The first `bytes` of a list as lines: its name, then " index:value" for each deviation. The last item comes first. */
void worklist_save(const struct worklist *list, size_t bytes, const char *name, struct buf *out);
/* Puts an item, of the text after the name. False: it is none. */
bool worklist_load(struct worklist *list, const char *text);
/* Items were loaded in the order of worklist_save(): turns it round. */
void worklist_reverse(struct worklist *list);
/* Puts the items in an order that is arbitrary, and always the same. */
void worklist_shuffle(struct worklist *list);

#endif
