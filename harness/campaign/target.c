#include "campaign/target.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/json_strings.h"
#include "platform/fs.h"
#include "platform/mem.h"

static bool take_patch(struct target *target, const char *file, struct err *err) {
  if (!fs_is_file(file) || access(file, R_OK) != 0) {
    return err_set(err, ERR_USAGE, "target '%s': no patch file '%s' that can be read; give its path after the +",
                   target->text, file);
  }
  char *absolute = fs_absolute(file);
  strlist_add(&target->patches, absolute);
  strlist_add(&target->patch_names, fs_base(absolute));
  free(absolute);
  return true;
}

static bool take_release(struct target *target, const char *text, struct err *err) {
  char *copy = mem_dup(text);
  char *rest = copy;
  char *release = strsep(&rest, "+");
  char *equals = strstr(release, "==");
  bool ok = equals && equals != release && equals[2];
  if (!ok) {
    err_set(err, ERR_USAGE,
            "malformed target '%s': give NAME==VERSION, NAME==VERSION+PATCHFILE, or a folder that holds the package",
            text);
  } else {
    *equals = '\0';
    target->name = mem_dup(release);
    target->version = mem_dup(equals + 2);
  }
  for (char *patch; ok && (patch = strsep(&rest, "+"));) {
    ok = take_patch(target, patch, err);
  }
  free(copy);
  return ok;
}

bool target_parse(const char *text, struct target *target, struct err *err) {
  *target = (struct target){.text = mem_dup(text)};
  if (fs_is_dir(text)) {
    target->folder = fs_absolute(text);
    return true;
  }
  if (strchr(text, '/') && !strstr(text, "==")) {
    return err_set(err, ERR_USAGE, "target '%s': there is no such folder", text);
  }
  return take_release(target, text, err);
}

static void set_text(char **member, json_t *json) {
  if (json_is_string(json)) {
    free(*member);
    *member = mem_dup(json_string_value(json));
  }
}

bool target_resolve(struct target *target, const struct places *places, const struct python *python,
                    const struct strlist *packages, void (*said)(void *arg, const char *line), void *said_arg,
                    struct err *err) {
  struct strlist argv = {0};
  strlist_add(&argv, python->venv_python);
  strlist_addf(&argv, "%s/fetch_target.py", places->scripts);
  strlist_add(&argv, "--cache");
  strlist_add(&argv, places->cache);
  if (target->folder) {
    for (size_t i = 0; i < packages->count; i++) {
      strlist_add(&argv, "--package");
      strlist_add(&argv, packages->items[i]);
    }
    strlist_add(&argv, target->folder);
  } else {
    strlist_addf(&argv, "%s==%s", target->name, target->version);
  }
  for (size_t i = 0; i < target->patches.count; i++) {
    strlist_add(&argv, "--patch");
    strlist_add(&argv, target->patches.items[i]);
  }
  json_t *json = helper_json(&argv, NULL, said, said_arg, err);
  if (json) {
    set_text(&target->name, json_object_get(json, "name"));
    set_text(&target->version, json_object_get(json, "version"));
    strings_from_json(json_object_get(json, "paths"), &target->paths);
    strings_from_json(json_object_get(json, "packages"), &target->packages);
  }
  json_decref(json);
  strlist_free(&argv);
  return json != NULL;
}

void target_free(struct target *target) {
  free(target->text);
  free(target->name);
  free(target->version);
  free(target->folder);
  strlist_free(&target->patches);
  strlist_free(&target->patch_names);
  strlist_free(&target->packages);
  strlist_free(&target->paths);
  *target = (struct target){0};
}
