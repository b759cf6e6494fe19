#include "python/python.h"

#include "worker/resume.h"

#include <stdlib.h>
#include <string.h>

#include "platform/clock.h"
#include "platform/fs.h"
#include "platform/mem.h"
#include "strategy/exhaustive.h"

#define SAVE_EVERY 5.0 /* seconds */

/* What a search belongs to: its first line. The caller's. */
static char *owner(const struct worker *worker) {
  const struct job *job = &worker->job;
  struct buf text = {0};
  buf_printf(&text, "flashflood search 1: %s of %s on Python %s, points %s, threads", job->name,
             job->target ? job->target : "?", PY_VERSION, job->points);
  for (size_t i = 0; i < worker->scenario.actor_count; i++) {
    buf_printf(&text, " %llu", (unsigned long long)worker->threads[i]);
  }
  buf_puts(&text, "\n");
  return buf_take(&text);
}

bool resume_load(const struct worker *worker, void *state, struct err *err) {
  const char *path = worker->job.resume;
  struct buf text = {0};
  if (!path || !fs_is_file(path)) {
    return true;
  }
  char *first = owner(worker);
  size_t len = strlen(first);
  bool ok = fs_read(path, &text, err);
  if (ok && (text.len < len || memcmp(text.data, first, len) != 0)) {
    int shown = (int)strcspn(buf_text(&text), "\n");
    ok = err_set(err, ERR_USAGE, "--resume '%s' keeps another search: '%.*s'; give the file of this one or a new name",
                 path, shown < 200 ? shown : 200, buf_text(&text));
  }
  ok = ok && exhaustive_load(state, text.data + len, text.len - len, err);
  free(first);
  buf_free(&text);
  return ok;
}

bool resume_save(struct worker *worker, const void *state, bool now, struct err *err) {
  double time = clock_now();
  if (!worker->job.resume || (!now && time - worker->saved_at < SAVE_EVERY)) {
    return true;
  }
  worker->saved_at = time;
  struct buf text = {0};
  char *first = owner(worker);
  buf_puts(&text, first);
  bool ok = !exhaustive_save(state, &text) || fs_write(worker->job.resume, text.data, text.len, err);
  free(first);
  buf_free(&text);
  return ok;
}
