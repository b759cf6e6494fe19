/* What was not seen of the program, for the coverage. */
#include "python/python.h"

#include <stdlib.h>

#include "platform/mem.h"
#include "python/lift.h"
#include "python/observe.h"
#include "worker/worker.h"

void worker_tell_unseen(struct worker *worker, const char *what) {
  struct strlist unseen = {0}, limits = {0};
  observe_unseen_names(&unseen);
  lift_limits(&limits);
  if (unseen.count) {
    char *names = strlist_join(&unseen, ", ");
    char *note = mem_printf("%s: %s", what, names);
    stream_note(&worker->stream, note);
    free(note);
    free(names);
  }
  for (size_t i = 0; i < limits.count; i++) {
    stream_note(&worker->stream, limits.items[i]);
  }
  strlist_free(&unseen);
  strlist_free(&limits);
}
