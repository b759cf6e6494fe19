#include "campaign/bisect_change.h"

#include <stdlib.h>
#include <string.h>

#include "campaign/target.h"
#include "model/json_strings.h"
#include "platform/mem.h"

static bool fetch(struct target targets[2], const struct change *change, const struct places *places,
                  const struct python *python, struct err *err) {
  static const bool WANTED[] = {true, true};
  if (!target_parse(change->before, &targets[0], err) || !target_parse(change->after, &targets[1], err) ||
      !target_resolve_many(targets, 2, WANTED, 0, places, python, NULL, NULL, err)) {
    return false;
  }
  for (int i = 0; i < 2; i++) {
    if (targets[i].why_not || !targets[i].paths.count) {
      return err_set(err, ERR_HARNESS, "%s", targets[i].why_not ? targets[i].why_not : "it has no files");
    }
  }
  return true;
}

static void add_text(struct strlist *texts, const char *text) {
  if (text) {
    strlist_add(texts, text);
  }
}

/* The places and the stacks of what was found in it. Where these are the scenario's own, as of an invariant that does
 * not hold, the lines at which control was taken from a thread. */
static void read_stacks(const struct run *run, struct strlist *texts) {
  for (size_t i = 0; i < run->finding_count; i++) {
    const struct finding *finding = &run->findings[i];
    add_text(texts, finding->where);
    add_text(texts, finding->traceback);
    for (size_t j = 0; finding->kind == FINDING_INVARIANT && j < finding->step_count; j++) {
      add_text(texts, finding->steps[j].switched ? finding->steps[j].file : NULL);
    }
  }
}

/* The caller's. */
static char *question(const struct change *change, const struct target targets[2], const struct result *result,
                      const char *package) {
  struct strlist texts = {0};
  const char *bad = strcmp(change->what, CHANGE_CAME) == 0 ? change->after : change->before;
  for (size_t i = 0; i < result->run_count; i++) {
    if (strcmp(result->runs[i].target, bad) == 0) {
      read_stacks(&result->runs[i], &texts);
    }
  }
  json_t *json = json_pack("{s:s, s:s, s:[s, s], s:s, s:o}", "before", targets[0].paths.items[0], "after",
                           targets[1].paths.items[0], "names", change->before, change->after, "package", package,
                           "texts", strings_to_json(&texts));
  char *text = json_dumps(json, JSON_COMPACT);
  json_decref(json);
  strlist_free(&texts);
  return text;
}

static bool compare(struct change *change, const struct target targets[2], const struct result *result,
                    const struct places *places, const struct python *python, const char *package, struct err *err) {
  struct strlist argv = {0};
  char *input = question(change, targets, result, package);
  strlist_add(&argv, python->venv_python);
  strlist_addf(&argv, "%s/release_diff.py", places->scripts);
  json_t *json = helper_json(&argv, input, NULL, NULL, err);
  if (json) {
    strings_from_json(json_object_get(json, "files"), &change->files);
    change->diff = mem_dup(json_string_value(json_object_get(json, "diff")));
    change->others = (uint64_t)json_integer_value(json_object_get(json, "others"));
  }
  json_decref(json);
  strlist_free(&argv);
  free(input);
  return change->diff != NULL;
}

void bisect_compare(struct change *change, const struct result *result, const struct places *places,
                    const struct python *python, const char *package) {
  struct target targets[2] = {{0}};
  struct err err = ERR_INIT;
  if (!fetch(targets, change, places, python, &err) ||
      !compare(change, targets, result, places, python, package, &err)) {
    change->no_diff = mem_dup(err.msg);
  }
  target_free(&targets[0]);
  target_free(&targets[1]);
}
