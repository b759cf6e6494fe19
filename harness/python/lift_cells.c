#include "python/python.h"

#include "python/lift_cells.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

struct sync {
  PyObject *object; /* not owned: its end is told */
  uint32_t number;
  bool gone;
};

/* Both tables: open addressing, at most half full, emptied as a whole. */
static struct {
  struct lift_cell *cells; /* object NULL: free */
  uint32_t *used;          /* slots that are taken */
  uint32_t mask, count;
  struct sync *syncs;
  uint32_t *used_syncs;
  uint32_t sync_mask, sync_count;
} all;

static uint64_t mix(uint64_t x) {
  x *= UINT64_C(0xBF58476D1CE4E5B9);
  x ^= x >> 29;
  x *= UINT64_C(0x94D049BB133111EB);
  return x ^ x >> 32;
}

/* ---- cells ---------------------------------------------------------------------------------------------------------
 */

static uint32_t home_of(const PyObject *object, enum lift_part part, uint64_t number) {
  return (uint32_t)mix((uint64_t)(uintptr_t)object ^ mix(number + part)) & all.mask;
}

static uint32_t slot_of(const PyObject *object, enum lift_part part, uint64_t number) {
  uint32_t at = home_of(object, part, number);
  for (; all.cells[at].object; at = (at + 1) & all.mask) {
    const struct lift_cell *cell = &all.cells[at];
    if (cell->object == object && cell->part == part && cell->number == number) {
      break;
    }
  }
  return at;
}

static void grow(void) {
  struct lift_cell *old = all.cells;
  uint32_t *used = all.used, count = all.count, size = old ? (all.mask + 1) * 4 : 4096;
  all.mask = size - 1;
  all.cells = mem_alloc(size * sizeof *all.cells);
  all.used = mem_alloc(size / 2 * sizeof *all.used);
  for (uint32_t i = 0; old && i < count; i++) {
    const struct lift_cell *cell = &old[used[i]];
    uint32_t at = slot_of(cell->object, cell->part, cell->number);
    all.cells[at] = *cell;
    all.used[i] = at;
  }
  free(old);
  free(used);
}

const struct lift_cell *lift_cell_of(PyObject *object, enum lift_part part, PyObject *key, uint64_t number) {
  if (!all.cells || all.count * 2 >= all.mask) {
    grow();
  }
  uint32_t at = slot_of(object, part, number);
  struct lift_cell *cell = &all.cells[at];
  if (!cell->object) {
    if (all.count == LIFT_MOST_CELLS) {
      return NULL;
    }
    Py_INCREF(object);
    Py_XINCREF(key);
    *cell = (struct lift_cell){.object = object, .key = key, .number = number, .cell = hb_new_cell(), .part = part};
    all.used[all.count++] = at;
  }
  return cell;
}

/* Letting go may run code: the table is empty by then, and nothing is lifted. */
static void forget_cells(void) {
  uint32_t count = all.count;
  PyObject **objects = mem_alloc(((size_t)count * 2 + 1) * sizeof(PyObject *));
  for (uint32_t i = 0; i < count; i++) {
    struct lift_cell *cell = &all.cells[all.used[i]];
    objects[2 * (size_t)i] = cell->object;
    objects[2 * (size_t)i + 1] = cell->key;
    cell->object = NULL;
  }
  all.count = 0;
  for (size_t i = 0; i < 2 * (size_t)count; i++) {
    Py_XDECREF(objects[i]);
  }
  free(objects);
}

/* ---- synchronisation -----------------------------------------------------------------------------------------------
 */

static struct sync *sync_slot(const PyObject *object) {
  uint32_t at = (uint32_t)mix((uint64_t)(uintptr_t)object) & all.sync_mask;
  while (all.syncs[at].object && all.syncs[at].object != object) {
    at = (at + 1) & all.sync_mask;
  }
  return &all.syncs[at];
}

static void grow_syncs(void) {
  struct sync *old = all.syncs;
  uint32_t *used = all.used_syncs, count = all.sync_count, size = old ? (all.sync_mask + 1) * 4 : 1024;
  all.sync_mask = size - 1;
  all.syncs = mem_alloc(size * sizeof *all.syncs);
  all.used_syncs = mem_alloc(size / 2 * sizeof *all.used_syncs);
  for (uint32_t i = 0; old && i < count; i++) {
    struct sync *slot = sync_slot(old[used[i]].object);
    *slot = old[used[i]];
    all.used_syncs[i] = (uint32_t)(slot - all.syncs);
  }
  free(old);
  free(used);
}

uint32_t lift_sync_of(PyObject *object) {
  if (!all.syncs || all.sync_count * 2 >= all.sync_mask) {
    grow_syncs();
  }
  struct sync *sync = sync_slot(object);
  if (!sync->object) {
    all.used_syncs[all.sync_count++] = (uint32_t)(sync - all.syncs);
    *sync = (struct sync){.object = object, .gone = true};
  }
  if (sync->gone) {
    sync->number = hb_new_sync();
    sync->gone = false;
  }
  return sync->number;
}

void lift_sync_gone(PyObject *object) {
  if (all.syncs) {
    sync_slot(object)->gone = true;
  }
}

static void forget_syncs(void) {
  for (uint32_t i = 0; i < all.sync_count; i++) {
    all.syncs[all.used_syncs[i]] = (struct sync){0};
  }
  all.sync_count = 0;
}

void lift_cells_begin(void) { forget_syncs(); }

void lift_cells_end(void) {
  forget_syncs();
  forget_cells();
}
