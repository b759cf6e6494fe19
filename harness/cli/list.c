#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/catalog.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "reports/format.h"
#include "strategy/strategy.h"

static void print_scenario(const struct catalog_entry *entry) {
  printf("%-16s %s\n%-16s needs %s\n", entry->name, entry->summary ? entry->summary : "", "",
         entry->needs ? entry->needs : "nothing");
}

static bool list_scenarios(struct err *err) {
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

static bool list_formats(struct err *err) {
  (void)err;
  for (size_t i = 0; i < formats_count(); i++) {
    const struct report_format *format = formats_at(i);
    printf("%-10s %-12s %s\n", format->name, format->file ? format->file : "", format->summary);
  }
  return true;
}

/* What --strategy takes. */
static bool list_strategies(struct err *err) {
  (void)err;
  for (size_t i = 0; i < strategies_count(); i++) {
    const struct strategy *strategy = strategies_at(i);
    if (strategy->controlled && strcmp(strategy->name, "replay") != 0) {
      printf("%-10s %s\n", strategy->name, strategy->summary);
    }
  }
  return true;
}

static bool list_pythons(struct err *err) {
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

static const struct {
  const char *name;
  bool (*list)(struct err *err);
} LISTS[] = {{"scenarios", list_scenarios},
             {"strategies", list_strategies},
             {"formats", list_formats},
             {"pythons", list_pythons}};

static int run(int argc, char **argv, struct err *err) {
  struct cli_options options;
  int code = ERR_USAGE;
  options_defaults(&options, OPTIONS_LIST, 1, err);
  bool ok =
      options_parse("scenarios|strategies|formats|pythons", "Say what there is to choose from.", argc, argv, &options);
  const char *what = ok && options.arguments.count == 1 ? options.arguments.items[0] : "";
  bool known = false;
  for (size_t i = 0; ok && i < sizeof LISTS / sizeof *LISTS; i++) {
    if (strcmp(what, LISTS[i].name) == 0) {
      known = true;
      code = LISTS[i].list(err) ? 0 : code;
    }
  }
  if (ok && !known) {
    err_set(err, ERR_USAGE, "list '%s': give one of scenarios, strategies, formats, pythons", what);
  }
  options_free(&options);
  return options.help ? 0 : code;
}

static const struct verb list = {"list", "scenarios, strategies, formats, pythons", run};
VERB(list);
