#include "model/bisection.h"

#include <stdlib.h>

#include "platform/mem.h"

const char *const CHANGES[] = {CHANGE_CAME, CHANGE_WENT, NULL};

struct change *bisection_add_change(struct bisection *bisection) {
  bisection->changes = mem_grow(bisection->changes, (bisection->change_count + 1) * sizeof *bisection->changes);
  struct change *change = &bisection->changes[bisection->change_count++];
  *change = (struct change){0};
  return change;
}

void bisection_free(struct bisection *bisection) {
  if (!bisection) {
    return;
  }
  for (size_t i = 0; i < bisection->change_count; i++) {
    struct change *change = &bisection->changes[i];
    free(change->what);
    free(change->before);
    free(change->after);
    free(change->diff);
    free(change->no_diff);
    strlist_free(&change->untried);
    strlist_free(&change->files);
  }
  free(bisection->changes);
  free(bisection->releases);
  free(bisection);
}
