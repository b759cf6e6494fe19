/* A table from numbers (cells, places) to small indices, 0 for the first that is asked for, 1 for the next …; emptied
 * in no time, because each schedule needs it empty. Open addressing, linear probing. Threading: one at a time. */
#ifndef FF_STRATEGY_CELLS_H
#define FF_STRATEGY_CELLS_H

#include <stdbool.h>
#include <stdint.h>

struct cell_slot {
  uint64_t key;
  uint32_t age; /* the slot is empty unless this is the table's */
  uint32_t index;
};

struct cells {
  struct cell_slot *slots;
  uint32_t cap; /* a power of 2 */
  uint32_t count;
  uint32_t age;
};

void cells_clear(struct cells *cells);
uint32_t cells_index(struct cells *cells, uint64_t key); /* adds it where it is not there */
bool cells_has(const struct cells *cells, uint64_t key);
void cells_free(struct cells *cells);

#endif
