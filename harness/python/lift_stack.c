#include "python/python.h"

#include "python/lift_stack.h"

#include <stdlib.h>

#include "platform/mem.h"
#include "python/code_map.h"
#include "python/frame_peek.h"
#include "tsan/places.h"

/* The place of an instruction, found by its code object and offset, since a line's number is slow to work out; and that
 * of a line. */
struct known {
  const struct code_info *info; /* NULL: free */
  int offset;                   /* or, of a line, -1 less its number */
  uint32_t place;
};

static struct {
  struct known *slots;
  uint32_t mask, count;
} all;

static uint32_t slot_of(const struct code_info *info, int offset) {
  uint64_t hash = ((uint64_t)(uintptr_t)info ^ (uint64_t)(uint32_t)offset << 40) * UINT64_C(0x9E3779B97F4A7C15);
  uint32_t at = (uint32_t)(hash >> 32) & all.mask;
  while (all.slots[at].info && (all.slots[at].info != info || all.slots[at].offset != offset)) {
    at = (at + 1) & all.mask;
  }
  return at;
}

static void grow(void) {
  struct known *old = all.slots;
  uint32_t size = old ? all.mask + 1 : 0;
  all.mask = (size ? size * 2 : 4096) - 1;
  all.slots = mem_alloc((all.mask + 1) * sizeof *all.slots);
  for (uint32_t i = 0; i < size; i++) {
    if (old[i].info) {
      all.slots[slot_of(old[i].info, old[i].offset)] = old[i];
    }
  }
  free(old);
}

static struct known *find(const struct code_info *info, int offset) {
  if (!all.slots || all.count * 2 > all.mask) {
    grow();
  }
  struct known *known = &all.slots[slot_of(info, offset)];
  if (!known->info) {
    *known = (struct known){info, offset, 0};
    all.count++;
  }
  return known;
}

static uint32_t place_of_line(const struct code_info *info, uint32_t line) {
  struct known *known = find(info, -1 - (int)line);
  if (!known->place) {
    known->place = places_add(info->function, info->file, line);
  }
  return known->place;
}

static uint32_t place_of(const struct code_info *info, int offset) {
  uint32_t place = find(info, offset)->place;
  if (!place) {
    place = place_of_line(info, code_map_line(info, offset));
    find(info, offset)->place = place;
  }
  return place;
}

uint32_t lift_stack(struct _PyInterpreterFrame *frame) {
  uint32_t places[PLACES_DEEPEST];
  int count = 0;
  for (frame = frame ? frame : frame_current(); frame && count < PLACES_DEEPEST; frame = frame_below(frame)) {
    places[count++] = place_of(code_map_get(frame_code(frame)), frame_offset(frame));
  }
  return count ? places_stack(places, count) : 0;
}

bool lift_is_outermost(struct _PyInterpreterFrame *frame) {
  if (!code_map_get(frame_code(frame))->watched) {
    return false;
  }
  for (frame = frame_below(frame); frame; frame = frame_below(frame)) {
    if (code_map_get(frame_code(frame))->watched) {
      return false;
    }
  }
  return true;
}
