#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "campaign/helper.h"
#include "campaign/preflight.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "platform/fs.h"
#include "platform/mem.h"

struct visit {
  int ill;
};

static void say(struct visit *visit, bool well, const char *what, const char *detail) {
  printf("%-4s %-34s %s\n", well ? "ok" : "BAD", what, detail);
  visit->ill += !well;
}

static bool on_path(const char *program) {
  const char *path = getenv("PATH");
  char *copy = mem_dup(path ? path : ""), *rest = copy;
  bool found = false;
  for (char *folder; !found && (folder = strsep(&rest, ":"));) {
    char *file = fs_join(folder, program);
    found = fs_can_run(file);
    free(file);
  }
  free(copy);
  return found;
}

static void examine_cache(struct visit *visit, const struct places *places) {
  struct err err = ERR_INIT;
  bool ok = fs_make_dirs(places->cache, &err) && access(places->cache, W_OK | X_OK) == 0;
  char *detail = ok ? mem_dup(places->cache) : mem_printf("%s cannot be written: set XDG_CACHE_HOME", places->cache);
  say(visit, ok, "cache of releases", detail);
  free(detail);
}

static void examine_points(struct visit *visit, const struct python *python) {
  if (python->free_threaded) {
    printf("     %-34s %s\n", "explore", "not on this Python, which has no GIL; stress runs");
    return;
  }
  struct err gil_err = ERR_INIT, bytecode_err = ERR_INIT;
  bool gil = preflight_points(python, "gil", &gil_err);
  bool bytecode = preflight_points(python, "bytecode", &bytecode_err);
  say(visit, gil, "explore: gil switch points", gil ? "this interpreter says where it hands over" : gil_err.msg);
  say(visit, bytecode, "explore: bytecode switch points",
      bytecode ? "an event before each instruction" : bytecode_err.msg);
}

static void examine_python(struct visit *visit, const struct places *places, const char *interpreter) {
  struct python python = {0};
  struct err err = ERR_INIT;
  bool ok = places_python(places, interpreter, true, &python, &err);
  say(visit, ok, "worker for the chosen Python", ok ? python.tag : err.msg);
  if (ok) {
    err = (struct err)ERR_INIT;
    bool awake = preflight_tsan(&python, &err);
    say(visit, awake, "ThreadSanitizer", awake ? "awake: racy twin reported, locked twin not" : err.msg);
    examine_points(visit, &python);
  }
  python_free(&python);
}

static void examine(struct visit *visit, const struct places *places, const char *interpreter) {
  struct strlist tags = {0};
  bool patch = on_path("patch"), symbolizer = on_path("llvm-symbolizer");
  places_pythons(places, &tags);
  char *pythons = strlist_join(&tags, ", ");
  say(visit, tags.count > 0, "workers built", tags.count ? pythons : "none: run make");
  examine_python(visit, places, interpreter);
  say(visit, patch, "patch", patch ? "found: targets with +PATCHFILE work" : "not found: apt-get install patch");
  say(visit, symbolizer, "llvm-symbolizer",
      symbolizer ? "found: native stacks have names" : "not found: apt-get install llvm");
  examine_cache(visit, places);
  printf("     %-34s %ld (stress wants two or more)\n", "cores", sysconf(_SC_NPROCESSORS_ONLN));
  free(pythons);
  strlist_free(&tags);
}

static int run(int argc, char **argv, struct err *err) {
  struct cli_options options;
  struct places places = {0};
  struct visit visit = {0};
  int code = ERR_USAGE;
  options_defaults(&options, OPTIONS_DOCTOR, 1, err);
  bool ok = options_parse("", "Say what this machine can and cannot do, and the command that mends it.", argc, argv,
                          &options);
  if (ok && options.arguments.count) {
    ok = err_set(err, ERR_USAGE, "doctor takes no argument, and was given '%s'", options.arguments.items[0]);
  }
  if (ok && places_find(&places, err)) {
    const struct strlist *pythons = &options.campaign.pythons;
    examine(&visit, &places, pythons->count ? pythons->items[pythons->count - 1] : NULL);
    code = visit.ill ? ERR_HARNESS : 0;
  }
  places_free(&places);
  options_free(&options);
  return options.help ? 0 : code;
}

static const struct verb doctor = {"doctor", "what this machine can and cannot do", run};
VERB(doctor);
