/* The plan of a matrix: which releases there are, what can be had of them, and which cells have no job. */
#include <stdlib.h>
#include <string.h>

#include "campaign/plan.h"
#include "campaign/releases.h"
#include "platform/mem.h"

/* Without a patch, and with each. */
static void add_texts(const struct campaign_options *options, const char *name, const struct releases *releases,
                      struct strlist *texts) {
  for (size_t i = 0; i < releases->count; i++) {
    strlist_addf(texts, "%s==%s", name, releases->items[i].version);
    for (size_t j = 0; j < options->matrix.patches.count; j++) {
      strlist_addf(texts, "%s==%s+%s", name, releases->items[i].version, options->matrix.patches.items[j]);
    }
  }
}

const struct python *plan_helper(const struct plan *plan) {
  for (size_t i = 0; i < plan->python_count; i++) {
    if (!plan->pythons[i].missing) {
      return &plan->pythons[i];
    }
  }
  return &plan->pythons[0];
}

bool plan_list_releases(const struct campaign_options *options, const struct places *places, struct plan *plan,
                        const struct strlist *files, struct strlist *texts, const struct campaign_watch *watch,
                        struct err *err) {
  struct catalog catalog = {0};
  struct strlist names = {0};
  const struct python *python = plan_helper(plan);
  bool ok = (!python->missing || err_set(err, ERR_USAGE, "%s", python->missing)) &&
            catalog_read(places, python, files, NULL, 0, &catalog, err);
  for (size_t i = 0; ok && i < catalog.count; i++) {
    const char *name = catalog.entries[i].distribution;
    struct releases releases = {0};
    if (!strlist_has(&names, name)) {
      strlist_add(&names, name);
      ok = releases_list(places, python, name, options->matrix.releases, plan_pass_on, &watch, &releases, err);
      add_texts(options, name, &releases, texts);
    }
    releases_free(&releases);
  }
  strlist_free(&names);
  catalog_free(&catalog);
  return ok;
}

static bool any_applies(const struct plan *plan, size_t target) {
  bool any = false;
  for (size_t i = 0; i < plan->catalog.count; i++) {
    any |= plan->catalog.entries[i].cells[target].applies;
  }
  return any;
}

bool plan_fetch_releases(const struct places *places, struct plan *plan, const struct campaign_watch *watch,
                         struct err *err) {
  bool *wanted = mem_alloc(plan->target_count * sizeof *wanted);
  bool ok = true;
  for (size_t i = 0; i < plan->target_count; i++) {
    wanted[i] = any_applies(plan, i);
  }
  for (size_t i = 0; ok && i < plan->python_count; i++) {
    const struct python *python = &plan->pythons[i];
    ok = python->missing ||
         target_resolve_many(plan->targets, plan->target_count, wanted, i, places, python, plan_pass_on, &watch, err);
  }
  free(wanted);
  return ok;
}

static void enter(struct plan *plan, size_t entry, const struct target *target, enum not_run_kind kind,
                  const char *why) {
  struct not_run *not_run = matrix_add_not_run(plan->matrix, kind);
  not_run->scenario = mem_dup(plan->catalog.entries[entry].name);
  not_run->target = mem_dup(target->text);
  not_run->python = mem_dup(plan->pythons[target->python].tag);
  not_run->why = mem_dup(why);
}

/* Without what the target is, which the row says. The caller's. */
static char *without_target(const char *why) {
  const char *end = why ? strstr(why, "; the target is ") : NULL;
  return end ? mem_dupn(why, (size_t)(end - why)) : mem_dup(why ? why : "it does not say why");
}

bool plan_skip(struct plan *plan, size_t entry, size_t target) {
  const struct catalog_cell *cell = &plan->catalog.entries[entry].cells[target];
  const struct target *of = &plan->targets[target];
  const struct python *python = &plan->pythons[of->python];
  if (!cell->applies) {
    char *why = without_target(cell->why_not);
    enter(plan, entry, of, NOT_RUN_APPLIES_NOT, why);
    free(why);
  } else if (python->missing) {
    enter(plan, entry, of, NOT_RUN_PYTHON, python->missing);
  } else if (of->why_not) {
    enter(plan, entry, of, of->passing ? NOT_RUN_UNDECIDED : NOT_RUN_INSTALL, of->why_not);
  } else {
    return false;
  }
  return true;
}

void plan_name_columns(const struct campaign_options *options, struct plan *plan) {
  struct matrix *matrix = plan->matrix;
  matrix->releases = mem_dup(options->matrix.releases);
  for (size_t i = 0; i < plan->catalog.count; i++) {
    strlist_add(&matrix->scenarios, plan->catalog.entries[i].name);
  }
  for (size_t i = 0; i < plan->python_count; i++) {
    strlist_add(&matrix->pythons, plan->pythons[i].tag);
  }
  for (int engine = 0; engine < ENGINES; engine++) {
    if (options->engines[engine]) {
      strlist_add(&matrix->engines, engine_name((enum engine)engine));
    }
  }
}
