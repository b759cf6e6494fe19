#include "model/race.h"

#include <stdlib.h>

#include "platform/mem.h"

const char *const RACE_EFFECTS[] = {"lost update", "changed during iteration", NULL};
const char *const RACE_OPERATIONS[] = {"read", "write", NULL};

struct race_access *race_add_access(struct race *race) {
  race->accesses = mem_grow(race->accesses, (race->access_count + 1) * sizeof *race->accesses);
  struct race_access *access = &race->accesses[race->access_count++];
  *access = (struct race_access){0};
  return access;
}

static void free_access(struct race_access *access) {
  free(access->thread);
  free(access->started);
  free(access->operation);
  free(access->function);
  free(access->file);
  strlist_free(&access->stack);
}

void race_free(struct race *race) {
  if (!race) {
    return;
  }
  for (size_t i = 0; i < race->access_count; i++) {
    free_access(&race->accesses[i]);
  }
  free(race->accesses);
  free(race->container);
  free(race->key);
  free(race->effect);
  free(race->report);
  free(race->report_file);
  free(race);
}
