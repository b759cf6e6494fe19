#include "campaign/releases.h"

#include <stdlib.h>

#include "platform/mem.h"

static void take(json_t *json, struct releases *releases) {
  json_t *all = json_object_get(json, "releases");
  releases->items = mem_alloc(json_array_size(all) * sizeof *releases->items);
  for (size_t i = 0; i < json_array_size(all); i++) {
    json_t *one = json_array_get(all, i);
    releases->items[releases->count++] =
        (struct release){.version = mem_dup(json_string_value(json_object_get(one, "version"))),
                         .uploaded = mem_dup(json_string_value(json_object_get(one, "uploaded"))),
                         .yanked = json_is_true(json_object_get(one, "yanked")),
                         .wheel = json_is_true(json_object_get(one, "wheel"))};
  }
}

bool releases_list(const struct places *places, const struct python *python, const char *name, const char *specifier,
                   void (*said)(void *arg, const char *line), void *said_arg, struct releases *releases,
                   struct err *err) {
  struct strlist argv = {0};
  strlist_add(&argv, python->venv_python);
  strlist_addf(&argv, "%s/list_releases.py", places->scripts);
  strlist_add(&argv, "--cache");
  strlist_add(&argv, places->cache);
  strlist_add(&argv, "--");
  strlist_add(&argv, name);
  strlist_add(&argv, specifier ? specifier : "all");
  json_t *json = helper_json(&argv, NULL, said, said_arg, err);
  take(json, releases);
  bool ok = json != NULL;
  json_decref(json);
  strlist_free(&argv);
  return ok;
}

void releases_free(struct releases *releases) {
  for (size_t i = 0; i < releases->count; i++) {
    free(releases->items[i].version);
    free(releases->items[i].uploaded);
  }
  free(releases->items);
  *releases = (struct releases){0};
}
