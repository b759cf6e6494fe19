#include "campaign/keeper.h"

#include <stdlib.h>
#include <string.h>

#include "campaign/command.h"
#include "platform/fs.h"
#include "platform/mem.h"

/* It becomes the name of a file, and a worker sent it. */
static bool is_plain(const char *fingerprint) {
  size_t len = strspn(fingerprint, "0123456789abcdefghijklmnopqrstuvwxyz_-");
  return len > 0 && len < 100 && fingerprint[len] == '\0';
}

/* A finding has the same fingerprint on every target: the runs of a scenario that come later number their files. */
static char *file_name(const struct keeper *keeper, const char *fingerprint) {
  const struct planned *own = &keeper->plan->jobs[keeper->index];
  size_t before = 1;
  for (const struct planned *other = keeper->plan->jobs; other < own; other++) {
    before += other->engine == own->engine && strcmp(other->job.name, own->job.name) == 0;
  }
  return before == 1 ? mem_printf("%s.flood", fingerprint) : mem_printf("%s-%zu.flood", fingerprint, before);
}

static void name_it(const struct keeper *keeper, struct finding *finding, const char *shown, const char *path) {
  const struct planned *planned = &keeper->plan->jobs[keeper->index];
  free(finding->schedule);
  free(finding->replay);
  finding->schedule = mem_dup(shown);
  finding->replay = command_replay(keeper->options, &keeper->plan->catalog.entries[planned->entry],
                                   &keeper->plan->targets[planned->target], path);
}

bool keeper_keep(const struct keeper *keeper, struct finding *finding, const char *text, struct err *err) {
  const char *out = keeper->options->out;
  if (keeper->options->replay.file) {
    name_it(keeper, finding, keeper->options->replay.file, keeper->options->replay.file);
    return true;
  }
  if (!is_plain(finding->fingerprint)) {
    return err_set(err, ERR_HARNESS, "no file can have the name of the fingerprint '%s'", finding->fingerprint);
  }
  char *folder = fs_join(out ? out : keeper->places->cache, "schedules");
  char *name = file_name(keeper, finding->fingerprint);
  char *path = fs_join(folder, name);
  char *shown = out ? fs_join("schedules", name) : mem_dup(path);
  bool ok = fs_make_dirs(folder, err) && fs_write(path, text, strlen(text), err);
  if (ok) {
    name_it(keeper, finding, shown, path);
  }
  free(shown);
  free(path);
  free(name);
  free(folder);
  return ok;
}
