/* Implementations that register themselves: one new file adds one, and no table has to be touched.
 *
 * REGISTRY_ADD(carriers, struct carrier, fiber) puts a pointer to `fiber` in the linker section ff_carriers;
 * REGISTRY_DEFINE(carriers, struct carrier) makes carriers_find(name), carriers_at(index) and carriers_count(). The
 * struct needs a member `const char *name`; at() goes by name, so that the order of linking does not show. */
#ifndef FF_PLATFORM_REGISTRY_H
#define FF_PLATFORM_REGISTRY_H

#include <stddef.h>
#include <string.h>

/* The items by name, ended by NULL; the caller's. For at(), which sorts at its first call: that is at start-up, on one
 * thread. */
const void **registry_sort(const void *const *items, size_t count, size_t name_offset);

#define REGISTRY_DECLARE(registry, type)                                                                               \
  size_t registry##_count(void);                                                                                       \
  const type *registry##_at(size_t index);                                                                             \
  const type *registry##_find(const char *name) /* NULL where there is none of that name */

#define REGISTRY_ADD(registry, type, variable)                                                                         \
  __attribute__((used, section("ff_" #registry))) static const type *const variable##_registered = &(variable)

#define REGISTRY_DEFINE(registry, type)                                                                                \
  extern const type *const __start_ff_##registry[];                                                                    \
  extern const type *const __stop_ff_##registry[];                                                                     \
  size_t registry##_count(void) { return (size_t)(__stop_ff_##registry - __start_ff_##registry); }                     \
  const type *registry##_find(const char *name) {                                                                      \
    for (size_t i = 0; name && i < registry##_count(); i++) {                                                          \
      if (strcmp(__start_ff_##registry[i]->name, name) == 0) {                                                         \
        return __start_ff_##registry[i];                                                                               \
      }                                                                                                                \
    }                                                                                                                  \
    return NULL;                                                                                                       \
  }                                                                                                                    \
  const type *registry##_at(size_t index) {                                                                            \
    static const void **sorted;                                                                                        \
    if (!sorted) {                                                                                                     \
      sorted = registry_sort((const void *const *)__start_ff_##registry, registry##_count(), offsetof(type, name));    \
    }                                                                                                                  \
    return index < registry##_count() ? sorted[index] : NULL;                                                          \
  }                                                                                                                    \
  _Static_assert(sizeof(type) > 0, "a registry of a complete type")

#endif
