#include "strategy/cells.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

#define FIRST_CAP 256

static struct cell_slot *slot_of(const struct cells *cells, uint64_t key) {
  uint32_t at = (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 32) & (cells->cap - 1);
  while (cells->slots[at].age == cells->age && cells->slots[at].key != key) {
    at = (at + 1) & (cells->cap - 1);
  }
  return &cells->slots[at];
}

static void grow(struct cells *cells) {
  struct cells old = *cells;
  cells->cap = old.cap ? old.cap * 2 : FIRST_CAP;
  cells->slots = mem_alloc(cells->cap * sizeof *cells->slots);
  cells->age = 1;
  for (uint32_t i = 0; i < old.cap; i++) {
    if (old.slots[i].age == old.age) {
      struct cell_slot *slot = slot_of(cells, old.slots[i].key);
      *slot = (struct cell_slot){old.slots[i].key, cells->age, old.slots[i].index};
    }
  }
  free(old.slots);
}

void cells_clear(struct cells *cells) {
  cells->count = 0;
  if (++cells->age == 0) {
    if (cells->cap) {
      memset(cells->slots, 0, cells->cap * sizeof *cells->slots);
    }
    cells->age = 1;
  }
}

uint32_t cells_index(struct cells *cells, uint64_t key) {
  if (cells->count * 2 >= cells->cap) {
    grow(cells);
  }
  struct cell_slot *slot = slot_of(cells, key);
  if (slot->age != cells->age) {
    *slot = (struct cell_slot){key, cells->age, cells->count++};
  }
  return slot->index;
}

bool cells_has(const struct cells *cells, uint64_t key) { return cells->cap && slot_of(cells, key)->age == cells->age; }

void cells_free(struct cells *cells) {
  free(cells->slots);
  *cells = (struct cells){0};
}
