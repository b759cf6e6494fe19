#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/catalog.h"
#include "campaign/releases.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "reports/format.h"
#include "strategy/strategy.h"

static void print_scenario(const struct catalog_entry *entry) {
  printf("%-16s %s\n%-16s needs %s\n", entry->name, entry->summary ? entry->summary : "", "",
         entry->needs ? entry->needs : "nothing");
}

static bool list_scenarios(const char *of, struct err *err) {
  (void)of;
  struct places places = {0};
  struct python python = {0};
  struct catalog catalog = {0};
  struct strlist files = {0}, all = {0};
  bool ok = places_find(&places, err) && places_python(&places, NULL, false, &python, err) &&
            catalog_files(&places, &all, &files, err) && catalog_read(&places, &python, &files, NULL, 0, &catalog, err);
  for (size_t i = 0; i < catalog.count; i++) {
    print_scenario(&catalog.entries[i]);
  }
  catalog_free(&catalog);
  strlist_free(&files);
  python_free(&python);
  places_free(&places);
  return ok;
}

static bool list_formats(const char *of, struct err *err) {
  (void)of;
  (void)err;
  for (size_t i = 0; i < formats_count(); i++) {
    const struct report_format *format = formats_at(i);
    printf("%-10s %-12s %s\n", format->name, format->file ? format->file : "", format->summary);
  }
  return true;
}

/* What --strategy takes. */
static bool list_strategies(const char *of, struct err *err) {
  (void)of;
  (void)err;
  for (size_t i = 0; i < strategies_count(); i++) {
    const struct strategy *strategy = strategies_at(i);
    if (strategy->controlled && strcmp(strategy->name, "replay") != 0) {
      printf("%-10s %s\n", strategy->name, strategy->summary);
    }
  }
  return true;
}

static bool list_pythons(const char *of, struct err *err) {
  (void)of;
  struct places places = {0};
  struct strlist tags = {0};
  bool ok = places_find(&places, err);
  if (ok) {
    places_pythons(&places, &tags);
  }
  for (size_t i = 0; i < tags.count; i++) {
    puts(tags.items[i]);
  }
  strlist_free(&tags);
  places_free(&places);
  return ok;
}

static void say(void *arg, const char *line) {
  (void)arg;
  fprintf(stderr, "flashflood: %s\n", line);
}

static void print_release(const struct release *release) {
  printf("%-16s %.10s%s%s\n", release->version, release->uploaded ? release->uploaded : "",
         release->wheel ? "" : "  has no wheel", release->yanked ? "  yanked" : "");
}

/* The packages of the built-in scenarios. */
static bool find_packages(const struct places *places, const struct python *python, struct strlist *names,
                          struct err *err) {
  struct catalog catalog = {0};
  struct strlist files = {0}, all = {0};
  bool ok = catalog_files(places, &all, &files, err) && catalog_read(places, python, &files, NULL, 0, &catalog, err);
  for (size_t i = 0; i < catalog.count; i++) {
    if (!strlist_has(names, catalog.entries[i].distribution)) {
      strlist_add(names, catalog.entries[i].distribution);
    }
  }
  catalog_free(&catalog);
  strlist_free(&files);
  return ok;
}

static bool list_releases(const char *of, struct err *err) {
  struct places places = {0};
  struct python python = {0};
  struct strlist names = {0};
  bool ok = places_find(&places, err) && places_python(&places, NULL, false, &python, err);
  if (of) {
    strlist_add(&names, of);
  } else {
    ok = ok && find_packages(&places, &python, &names, err);
  }
  for (size_t i = 0; ok && i < names.count; i++) {
    struct releases releases = {0};
    ok = releases_list(&places, &python, names.items[i], NULL, say, NULL, &releases, err);
    for (size_t j = 0; j < releases.count; j++) {
      print_release(&releases.items[j]);
    }
    releases_free(&releases);
  }
  strlist_free(&names);
  python_free(&python);
  places_free(&places);
  return ok;
}

static const struct {
  const char *name;
  bool (*list)(const char *of, struct err *err);
} LISTS[] = {{"scenarios", list_scenarios},
             {"releases", list_releases},
             {"strategies", list_strategies},
             {"formats", list_formats},
             {"pythons", list_pythons}};

static int run(int argc, char **argv, struct err *err) {
  struct cli_options options;
  int code = ERR_USAGE;
  options_defaults(&options, OPTIONS_LIST, 1, err);
  bool ok = options_parse("scenarios|releases|strategies|formats|pythons [PACKAGE]",
                          "Say what there is to choose from; releases are those of the PACKAGE, newest first, or of "
                          "those that the scenarios need.",
                          argc, argv, &options);
  const char *what = ok && options.arguments.count ? options.arguments.items[0] : "";
  const char *of = ok && options.arguments.count == 2 ? options.arguments.items[1] : NULL;
  bool fits = options.arguments.count <= (strcmp(what, "releases") == 0 ? 2 : 1);
  bool known = false;
  for (size_t i = 0; ok && fits && i < sizeof LISTS / sizeof *LISTS; i++) {
    if (strcmp(what, LISTS[i].name) == 0) {
      known = true;
      code = LISTS[i].list(of, err) ? 0 : code;
    }
  }
  if (ok && !known) {
    err_set(err, ERR_USAGE, "list '%s': give one of scenarios, releases, strategies, formats, pythons", what);
  }
  options_free(&options);
  return options.help ? 0 : code;
}

static const struct verb list = {"list", "scenarios, releases, strategies, formats, pythons", run};
VERB(list);
