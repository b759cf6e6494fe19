#include "python/python.h"

#include "python/lift_known.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "tsan/places.h"

struct key {
  uint32_t places[3];
  uint8_t writes; /* a bit each */
  uint8_t effect;
  uint8_t part;
  uint8_t used;
};

struct entry {
  struct key key;
  void *answer;
};

static struct {
  struct entry *slots; /* open addressing, at most half full */
  uint32_t mask, count;
} all;

static struct key key_of(const struct lift_race *race) {
  struct key key;
  memset(&key, 0, sizeof key);
  key.used = 1;
  key.effect = (uint8_t)race->effect;
  key.part = (uint8_t)race->cell->part;
  for (int i = 0; i < race->count; i++) {
    int depth;
    key.places[i] = places_of_stack(race->accesses[i].stack, &depth)[0];
    key.writes |= (uint8_t)(race->accesses[i].write << i);
  }
  return key;
}

static struct entry *slot_of(const struct key *key) {
  uint64_t hash = key->places[0] * UINT64_C(0x9E3779B97F4A7C15) ^ key->places[1] * UINT64_C(0xBF58476D1CE4E5B9) ^
                  key->places[2] * UINT64_C(0x94D049BB133111EB) ^ (uint64_t)key->writes << 40 ^
                  (uint64_t)key->effect << 48 ^ (uint64_t)key->part << 52;
  uint32_t at = (uint32_t)(hash >> 30) & all.mask;
  while (all.slots[at].key.used && memcmp(&all.slots[at].key, key, sizeof *key) != 0) {
    at = (at + 1) & all.mask;
  }
  return &all.slots[at];
}

bool lift_known(const struct lift_race *race, void **answer) {
  if (!all.slots) {
    return false;
  }
  struct key key = key_of(race);
  const struct entry *entry = slot_of(&key);
  *answer = entry->answer;
  return entry->key.used;
}

void lift_now_known(const struct lift_race *race, void *answer) {
  if (!all.slots || all.count * 2 >= all.mask) {
    struct entry *old = all.slots;
    uint32_t size = old ? all.mask + 1 : 0;
    all.mask = (size ? size * 2 : 256) - 1;
    all.slots = mem_alloc((all.mask + 1) * sizeof *all.slots);
    for (uint32_t i = 0; i < size; i++) {
      if (old[i].key.used) {
        *slot_of(&old[i].key) = old[i];
      }
    }
    free(old);
  }
  struct key key = key_of(race);
  *slot_of(&key) = (struct entry){key, answer};
  all.count++;
}
