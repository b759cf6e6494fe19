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

/* A finding has the same fingerprint on every target: the runs of a scenario that come later number their files. Runs
 * of several engines too, where both write some. Those of a matrix have the cell's key instead. */
static char *file_name(const struct keeper *keeper, const char *fingerprint, bool any_engine, const char *suffix) {
  const struct planned *own = &keeper->plan->jobs[keeper->index];
  size_t before = 1;
  if (own->cell) { /* what else is in the plan may differ from run to run */
    return mem_printf("%s-%.8s%s", fingerprint, own->cell, suffix);
  }
  for (const struct planned *other = keeper->plan->jobs; other < own; other++) {
    before += (any_engine || other->engine == own->engine) && strcmp(other->job.name, own->job.name) == 0;
  }
  return before == 1 ? mem_printf("%s%s", fingerprint, suffix) : mem_printf("%s-%zu%s", fingerprint, before, suffix);
}

static void name_it(const struct keeper *keeper, struct finding *finding, const char *shown, const char *path) {
  const struct planned *planned = &keeper->plan->jobs[keeper->index];
  free(finding->schedule);
  free(finding->replay);
  finding->schedule = mem_dup(shown);
  finding->replay = command_replay(keeper->options, keeper->plan, planned, path, finding->race != NULL);
}

/* A file in a folder of the result, or of the cache. `shown` is how a result names it. Takes `name`. */
static bool write_into(const struct keeper *keeper, const char *folder_name, char *name, const char *text, char **path,
                       char **shown, struct err *err) {
  const char *out = keeper->options->out;
  char *folder = fs_join(out ? out : keeper->places->cache, folder_name);
  *path = fs_join(folder, name);
  *shown = out ? fs_join(folder_name, name) : mem_dup(*path);
  bool ok = fs_make_dirs(folder, err) && fs_write(*path, text, strlen(text), err);
  free(folder);
  free(name);
  return ok;
}

static bool check_name(const char *fingerprint, struct err *err) {
  return is_plain(fingerprint) ||
         err_set(err, ERR_HARNESS, "no file can have the name of the fingerprint '%s'", fingerprint);
}

bool keeper_keep(const struct keeper *keeper, struct finding *finding, const char *text, struct err *err) {
  char *path = NULL, *shown = NULL;
  if (keeper->options->replay.file) {
    name_it(keeper, finding, keeper->options->replay.file, keeper->options->replay.file);
    return true;
  }
  bool ok = check_name(finding->fingerprint, err) &&
            write_into(keeper, "schedules", file_name(keeper, finding->fingerprint, false, ".flood"), text, &path,
                       &shown, err);
  if (ok) {
    name_it(keeper, finding, shown, path);
  }
  free(shown);
  free(path);
  return ok;
}

bool keeper_keep_report(const struct keeper *keeper, struct finding *finding, struct err *err) {
  char *path = NULL, *shown = NULL;
  bool ok = check_name(finding->fingerprint, err) &&
            write_into(keeper, "races", file_name(keeper, finding->fingerprint, true, ".txt"), finding->race->report,
                       &path, &shown, err);
  if (ok) {
    free(finding->race->report_file);
    finding->race->report_file = mem_dup(shown);
  }
  free(shown);
  free(path);
  return ok;
}
