#include "tsan/places.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

#define EXTERNAL (UINT64_C(1) << 60)
#define SHIFT 4 /* the runtime looks up the byte before a return address: room for it within the place */

struct stack {
  uint64_t hash;
  uint32_t first; /* of its places in `members` */
  uint32_t count;
};

static struct {
  struct place *places; /* from 1 */
  uint32_t place_count, place_cap;
  struct stack *stacks; /* from 1 */
  uint32_t stack_count, stack_cap;
  uint32_t *members;
  uint32_t member_count, member_cap;
  uint32_t *table; /* of stacks, by hash; open addressing, 0: free */
  uint32_t mask;
} all = {.place_count = 1, .stack_count = 1};

uint32_t places_add(const char *function, const char *file, uint32_t line) {
  if (all.place_count >= all.place_cap) {
    all.place_cap = all.place_cap ? all.place_cap * 2 : 512;
    all.places = mem_grow(all.places, all.place_cap * sizeof *all.places);
  }
  all.places[all.place_count] = (struct place){function, file, line};
  return all.place_count++;
}

const struct place *places_get(uint32_t number) { return &all.places[number]; }

uint64_t places_pc(uint32_t number) { return EXTERNAL | (uint64_t)number << SHIFT | 1u << (SHIFT - 1); }

/* ---- stacks --------------------------------------------------------------------------------------------------------
 */

static uint64_t hash_of(const uint32_t *places, int count) {
  uint64_t hash = UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)count;
  for (int i = 0; i < count; i++) {
    hash = (hash ^ places[i]) * UINT64_C(0xBF58476D1CE4E5B9);
    hash ^= hash >> 29;
  }
  return hash;
}

/* By hand: the sanitizer's memcmp() would take note of each byte. */
static bool is_stack(uint32_t number, uint64_t hash, const uint32_t *places, int count) {
  const struct stack *stack = &all.stacks[number];
  bool same = stack->hash == hash && stack->count == (uint32_t)count;
  for (int i = 0; same && i < count; i++) {
    same = all.members[stack->first + (uint32_t)i] == places[i];
  }
  return same;
}

static void put(uint32_t number) {
  uint32_t at = (uint32_t)all.stacks[number].hash & all.mask;
  while (all.table[at]) {
    at = (at + 1) & all.mask;
  }
  all.table[at] = number;
}

static void make_room(int members) {
  if (!all.table || all.stack_count * 2 >= all.stack_cap) { /* the table has as many slots, and is at most half full */
    all.stack_cap = all.stack_cap ? all.stack_cap * 2 : 2048;
    all.stacks = mem_grow(all.stacks, all.stack_cap * sizeof *all.stacks);
    free(all.table);
    all.table = mem_alloc(all.stack_cap * sizeof *all.table);
    all.mask = all.stack_cap - 1;
    for (uint32_t i = 1; i < all.stack_count; i++) {
      put(i);
    }
  }
  while (all.member_count + (uint32_t)members > all.member_cap) {
    all.member_cap = all.member_cap ? all.member_cap * 2 : 8192;
    all.members = mem_grow(all.members, all.member_cap * sizeof *all.members);
  }
}

uint32_t places_stack(const uint32_t *places, int count) {
  uint64_t hash = hash_of(places, count);
  if (all.table) {
    for (uint32_t at = (uint32_t)hash & all.mask; all.table[at]; at = (at + 1) & all.mask) {
      if (is_stack(all.table[at], hash, places, count)) {
        return all.table[at];
      }
    }
  }
  make_room(count);
  memcpy(all.members + all.member_count, places, (size_t)count * sizeof *places);
  all.stacks[all.stack_count] = (struct stack){hash, all.member_count, (uint32_t)count};
  all.member_count += (uint32_t)count;
  put(all.stack_count);
  return all.stack_count++;
}

const uint32_t *places_of_stack(uint32_t stack, int *count) {
  *count = (int)all.stacks[stack].count;
  return all.members + all.stacks[stack].first;
}

/* ---- asked by the runtime ------------------------------------------------------------------------------------------
 */

typedef void add_frame(void *context, const char *function, const char *file, int line, int column);
void __tsan_symbolize_external_ex(uint64_t pc, add_frame *add, void *context);

void __tsan_symbolize_external_ex(uint64_t pc, add_frame *add, void *context) {
  uint64_t number = (pc & ~EXTERNAL) >> SHIFT;
  if (pc & EXTERNAL && number > 0 && number < all.place_count) {
    const struct place *place = &all.places[number];
    add(context, place->function, place->file, (int)place->line, 0);
  }
}
