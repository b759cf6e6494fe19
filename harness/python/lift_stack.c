#include "python/python.h"

#include "python/lift_stack.h"

#include "platform/mem.h"
#include "python/code_map.h"
#include "python/frame_peek.h"
#include "tsan/places.h"

/* Instructions of one line have one place. */
static uint32_t place_of_line(const struct code_info *info, uint32_t line) {
  size_t units = code_map_units(info);
  for (size_t i = 0; i <= units; i++) {
    uint32_t place = info->lift_places[i];
    if (place && places_get(place)->line == line) {
      return place;
    }
  }
  return places_add(info->function, info->file, line);
}

/* Kept for each instruction, since a line's number is slow to work out. */
static uint32_t place_of(struct code_info *info, int offset) {
  if (__builtin_expect(!info->lift_places, 0)) {
    info->lift_places = mem_alloc((code_map_units(info) + 1) * sizeof *info->lift_places);
  }
  uint32_t *place = &info->lift_places[offset < 0 ? 0 : offset / 2];
  if (__builtin_expect(!*place, 0)) {
    *place = place_of_line(info, code_map_line(info, offset));
  }
  return *place;
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
