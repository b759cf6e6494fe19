#include "campaign/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "model/json_strings.h"
#include "platform/fs.h"
#include "platform/mem.h"

static bool find_file(const struct places *places, const char *wanted, struct strlist *files, struct err *err) {
  bool is_path = strchr(wanted, '/') || (strlen(wanted) > 3 && strcmp(wanted + strlen(wanted) - 3, ".py") == 0);
  char *path = is_path ? fs_absolute(wanted) : mem_printf("%s/%s.py", places->scenarios, wanted);
  bool ok = fs_is_file(path);
  if (ok) {
    strlist_add(files, path);
  } else if (is_path) {
    err_set(err, ERR_USAGE, "unknown scenario '%s': there is no such file", wanted);
  } else {
    err_set(err, ERR_USAGE, "unknown scenario '%s': flashflood list scenarios names them; a file is given by its path",
            wanted);
  }
  free(path);
  return ok;
}

bool catalog_files(const struct places *places, const struct strlist *wanted, struct strlist *files, struct err *err) {
  for (size_t i = 0; i < wanted->count; i++) {
    if (!find_file(places, wanted->items[i], files, err)) {
      return false;
    }
  }
  if (wanted->count) {
    return true;
  }
  struct strlist names = {0};
  fs_list(places->scenarios, ".py", &names);
  for (size_t i = 0; i < names.count; i++) {
    strlist_addf(files, "%s/%s", places->scenarios, names.items[i]);
  }
  strlist_free(&names);
  return files->count > 0 || err_set(err, ERR_HARNESS, "no scenarios in %s", places->scenarios);
}

static char *question(const struct strlist *files, const struct target *targets, size_t target_count) {
  json_t *asked = json_array();
  for (size_t i = 0; i < target_count; i++) {
    const struct target *target = &targets[i];
    json_array_append_new(asked, json_pack("{s:s?, s:s?, s:o, s:o}", "name", target->name, "version", target->version,
                                           "patches", strings_to_json(&target->patch_names), "packages",
                                           target->folder ? strings_to_json(&target->packages) : json_null()));
  }
  json_t *json = json_pack("{s:o, s:o}", "scenarios", strings_to_json(files), "targets", asked);
  char *text = json_dumps(json, JSON_COMPACT);
  json_decref(json);
  return text;
}

static char *text_of(json_t *object, const char *key) {
  return mem_dup(json_string_value(json_object_get(object, key)));
}

static void take_kinds(json_t *array, bool kinds[FINDING_KINDS]) {
  size_t index;
  json_t *item;
  enum finding_kind kind;
  json_array_foreach(array, index, item) {
    if (finding_kind_parse(json_string_value(item), &kind)) {
      kinds[kind] = true;
    }
  }
}

static void take_expected(json_t *json, struct expectation *expected) {
  expected->met = TRI_UNKNOWN;
  expected->outcome = text_of(json, "outcome");
  expected->because = text_of(json, "because");
  take_kinds(json_object_get(json, "kinds"), expected->must);
  take_kinds(json_object_get(json, "may"), expected->may);
}

static void take_cell(json_t *json, struct catalog_cell *cell) {
  json_t *expected = json_object_get(json, "expected");
  cell->applies = json_is_true(json_object_get(json, "applies"));
  cell->why_not = text_of(json, "why_not");
  for (int engine = 0; engine < ENGINES; engine++) {
    take_expected(json_object_get(expected, engine_name((enum engine)engine)), &cell->expected[engine]);
  }
}

static void take_entry(json_t *json, size_t targets, struct catalog_entry *entry) {
  *entry = (struct catalog_entry){.name = text_of(json, "name"),
                                  .path = text_of(json, "path"),
                                  .summary = text_of(json, "summary"),
                                  .needs = text_of(json, "needs"),
                                  .distribution = text_of(json, "distribution"),
                                  .package = text_of(json, "package"),
                                  .cells = mem_alloc(targets * sizeof *entry->cells)};
  strings_from_json(json_object_get(json, "must_reach"), &entry->must_reach);
  json_t *cells = json_object_get(json, "cells");
  for (size_t i = 0; i < targets; i++) {
    take_cell(json_array_get(cells, i), &entry->cells[i]);
  }
}

bool catalog_read(const struct places *places, const struct python *python, const struct strlist *files,
                  const struct target *targets, size_t target_count, struct catalog *catalog, struct err *err) {
  struct strlist argv = {0};
  strlist_add(&argv, python->venv_python);
  strlist_addf(&argv, "%s/scenario_info.py", places->scripts);
  char *input = question(files, targets, target_count);
  json_t *json = helper_json(&argv, input, NULL, NULL, err);
  json_t *all = json_object_get(json, "scenarios");
  *catalog = (struct catalog){.count = json_array_size(all), .targets = target_count};
  catalog->entries = mem_alloc(catalog->count * sizeof *catalog->entries);
  for (size_t i = 0; i < catalog->count; i++) {
    take_entry(json_array_get(all, i), target_count, &catalog->entries[i]);
  }
  bool ok = json != NULL;
  json_decref(json);
  free(input);
  strlist_free(&argv);
  return ok;
}

void catalog_free(struct catalog *catalog) {
  for (size_t i = 0; i < catalog->count; i++) {
    struct catalog_entry *entry = &catalog->entries[i];
    for (size_t j = 0; j < catalog->targets; j++) {
      free(entry->cells[j].why_not);
      for (int engine = 0; engine < ENGINES; engine++) {
        free(entry->cells[j].expected[engine].outcome);
        free(entry->cells[j].expected[engine].because);
      }
    }
    free(entry->cells);
    free(entry->name);
    free(entry->path);
    free(entry->summary);
    free(entry->needs);
    free(entry->distribution);
    free(entry->package);
    strlist_free(&entry->must_reach);
  }
  free(catalog->entries);
  *catalog = (struct catalog){0};
}
