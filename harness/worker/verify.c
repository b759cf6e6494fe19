#include "python/python.h"

#include "worker/verify.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "strategy/replay.h"

static void note(struct verify *verify, char *how) {
  if (verify->diverged++ == 0) {
    verify->how = how;
  } else {
    free(how);
  }
}

static void compare(struct verify *verify, struct schedule *first, struct schedule *second,
                    const struct replay_status *status, bool same_findings) {
  char *before = schedule_write(first), *after = schedule_write(second);
  if (status->diverged) {
    note(verify, mem_dup(status->why));
  } else if (strcmp(before, after) != 0) {
    note(verify, mem_dup("the same switches were followed by others"));
  } else if (!same_findings) {
    note(verify, mem_dup("the same switches led to other findings"));
  }
  free(before);
  free(after);
}

bool verify_last(struct worker *worker, struct verify *verify, uint64_t found, struct err *err) {
  struct schedule first = {0}, second = {0};
  struct ledger ledger = {.at = 1};
  struct replay_status status = {0};
  sched_record(&first);
  bool ok = explore_replay(worker, worker->carrier, &first, false, worker->lifts, &ledger, &second, &status, err);
  verify->again += ok;
  if (ok) {
    compare(verify, &first, &second, &status, ledger.found == found);
  }
  ledger_free(&ledger);
  schedule_free(&second);
  schedule_free(&first);
  return ok;
}

void verify_tell(struct worker *worker, struct verify *verify, char **why) {
  char *text = mem_printf("each of %llu schedules was run twice, and %llu of them came out differently%s%s",
                          (unsigned long long)verify->again, (unsigned long long)verify->diverged,
                          verify->diverged ? ": " : "", verify->how ? verify->how : "");
  stream_note(&worker->stream, text);
  if (verify->diverged && !*why) {
    *why = text;
  } else {
    free(text);
  }
  free(verify->how);
}
