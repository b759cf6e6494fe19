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

static void take_answer(struct target *target, json_t *json) {
  set_text(&target->name, json_object_get(json, "name"));
  set_text(&target->version, json_object_get(json, "version"));
  set_text(&target->sha256, json_object_get(json, "sha256"));
  set_text(&target->why_not, json_object_get(json, "error"));
  target->passing = json_is_true(json_object_get(json, "passing"));
  strings_from_json(json_object_get(json, "paths"), &target->paths);
  strings_from_json(json_object_get(json, "packages"), &target->packages);
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
    take_answer(target, json);
  }
  json_decref(json);
  strlist_free(&argv);
  return json != NULL;
}

static bool is_asked_for(const struct target *target, bool wanted, size_t python_index) {
  return wanted && target->python == python_index && !target->folder;
}

/* The caller's; NULL where nothing is asked for. */
static char *question(const struct target *targets, size_t count, const bool *wanted, size_t python_index) {
  json_t *asked = json_array();
  for (size_t i = 0; i < count; i++) {
    if (is_asked_for(&targets[i], wanted[i], python_index)) {
      char *release = mem_printf("%s==%s", targets[i].name, targets[i].version);
      json_array_append_new(
          asked, json_pack("{s:s, s:o}", "target", release, "patches", strings_to_json(&targets[i].patches)));
      free(release);
    }
  }
  char *text = json_array_size(asked) ? json_dumps(asked, JSON_COMPACT) : NULL;
  json_decref(asked);
  return text;
}

bool target_resolve_many(struct target *targets, size_t count, const bool *wanted, size_t python_index,
                         const struct places *places, const struct python *python,
                         void (*said)(void *arg, const char *line), void *said_arg, struct err *err) {
  char *input = question(targets, count, wanted, python_index);
  if (!input) {
    return true;
  }
  struct strlist argv = {0};
  strlist_add(&argv, python->venv_python);
  strlist_addf(&argv, "%s/fetch_many.py", places->scripts);
  strlist_add(&argv, "--cache");
  strlist_add(&argv, places->cache);
  json_t *json = helper_json(&argv, input, said, said_arg, err);
  for (size_t i = 0, at = 0; json && i < count; i++) {
    if (is_asked_for(&targets[i], wanted[i], python_index)) {
      take_answer(&targets[i], json_array_get(json_object_get(json, "targets"), at++));
    }
  }
  bool ok = json != NULL;
  json_decref(json);
  strlist_free(&argv);
  free(input);
  return ok;
}

void target_free(struct target *target) {
  free(target->text);
  free(target->name);
  free(target->version);
  free(target->folder);
  free(target->sha256);
  free(target->why_not);
  strlist_free(&target->patches);
  strlist_free(&target->patch_names);
  strlist_free(&target->packages);
  strlist_free(&target->paths);
  *target = (struct target){0};
}
