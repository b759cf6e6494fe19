#include "platform/registry.h"

#include "platform/mem.h"

static const char *name_of(const void *item, size_t name_offset) {
  return *(const char *const *)((const char *)item + name_offset);
}

const void **registry_sort(const void *const *items, size_t count, size_t name_offset) {
  const void **sorted = mem_alloc((count + 1) * sizeof *sorted);
  for (size_t i = 0; i < count; i++) {
    size_t at = i;
    for (; at > 0 && strcmp(name_of(sorted[at - 1], name_offset), name_of(items[i], name_offset)) > 0; at--) {
      sorted[at] = sorted[at - 1];
    }
    sorted[at] = items[i];
  }
  return sorted;
}
