#include "campaign/bisect.h"

#include <stdlib.h>
#include <string.h>

#include "campaign/bisect_change.h"
#include "campaign/catalog.h"
#include "campaign/halving.h"
#include "campaign/releases.h"
#include "platform/interrupt.h"
#include "platform/mem.h"

struct bisect {
  const struct campaign_options *options;
  const struct places *places;
  const struct campaign_watch *watch;
  struct python python;
  char *package;          /* under test */
  struct strlist targets; /* from the oldest on */
  enum probe *probes;
  struct result *result;
};

static void pass_on(void *arg, const char *line) {
  const struct bisect *bisect = arg;
  if (bisect->watch->say) {
    bisect->watch->say(bisect->watch->arg, line);
  }
}

/* The releases of the scenario's package. */
static bool find_releases(struct bisect *bisect, struct err *err) {
  struct strlist files = {0};
  struct catalog catalog = {0};
  struct releases releases = {0};
  const struct campaign_options *options = bisect->options;
  bool ok = catalog_files(bisect->places, &options->scenarios, &files, err) &&
            catalog_read(bisect->places, &bisect->python, &files, NULL, 0, &catalog, err) &&
            releases_list(bisect->places, &bisect->python, catalog.entries[0].distribution, options->matrix.releases,
                          pass_on, bisect, &releases, err);
  for (size_t i = releases.count; i-- > 0;) {
    strlist_addf(&bisect->targets, "%s==%s", catalog.entries[0].distribution, releases.items[i].version);
  }
  bisect->package = ok ? mem_dup(catalog.entries[0].package) : NULL;
  bisect->probes = mem_alloc(releases.count * sizeof *bisect->probes);
  releases_free(&releases);
  catalog_free(&catalog);
  strlist_free(&files);
  return ok;
}

/* A release to which the scenario does not apply has not what it is about: it is good. */
static enum probe judge(const struct result *one) {
  for (size_t i = 0; one->matrix && i < one->matrix->not_run_count; i++) {
    if (strcmp(one->matrix->not_run[i].kind, NOT_RUN_KINDS[NOT_RUN_APPLIES_NOT]) != 0) {
      return PROBE_SKIPPED;
    }
  }
  enum probe probe = PROBE_GOOD;
  for (size_t i = 0; i < one->run_count; i++) {
    if (one->runs[i].verdict == VERDICT_FAIL) {
      return PROBE_BAD;
    }
    probe = one->runs[i].verdict == VERDICT_INCONCLUSIVE ? PROBE_SKIPPED : probe;
  }
  return probe;
}

/* The runs of one campaign go to those of all. */
static void merge(struct bisect *bisect, struct result *one) {
  struct result *all = bisect->result;
  struct matrix *matrix = one->matrix;
  for (size_t i = 0; i < one->run_count; i++) {
    *result_add_run(all) = one->runs[i];
  }
  one->run_count = 0;
  all->cut_short |= one->cut_short;
  all->expect_known = one->expect_known;
  if (!all->matrix) { /* its columns are those of all */
    all->matrix = matrix;
    one->matrix = NULL;
    return;
  }
  for (size_t i = 0; i < matrix->not_run_count; i++) {
    *matrix_add_not_run(all->matrix, NOT_RUN_UNDECIDED) = matrix->not_run[i];
  }
  matrix->not_run_count = 0;
}

static bool probe(struct bisect *bisect, size_t index, struct err *err) {
  struct campaign_options options = *bisect->options; /* a shallow copy: only the target differs */
  struct campaign_watch watch = *bisect->watch;
  struct result one = {0};
  options.targets = (struct strlist){0};
  watch.planned = NULL;
  strlist_add(&options.targets, bisect->targets.items[index]);
  bool ok = campaign_run(&options, bisect->places, &watch, &one, err);
  if (ok) {
    bisect->probes[index] = judge(&one);
    merge(bisect, &one);
  }
  result_free(&one);
  strlist_free(&options.targets);
  return ok;
}

static bool probe_all(struct bisect *bisect, struct err *err) {
  for (size_t at; (at = halving_next(bisect->probes, bisect->targets.count)) != HALVING_DONE;) {
    if (!probe(bisect, at, err)) {
      return false;
    }
    if (interrupt_seen()) {
      return true;
    }
  }
  return true;
}

/* The rows of the grid are what was tried, newest first. */
static void name_rows(struct bisect *bisect) {
  struct matrix *matrix = bisect->result->matrix;
  strlist_free(&matrix->targets);
  for (size_t i = bisect->targets.count; i-- > 0;) {
    if (bisect->probes[i] != PROBE_UNKNOWN) {
      strlist_add(&matrix->targets, bisect->targets.items[i]);
    }
  }
}

/* Unless it was interrupted: then there may be more between than what could not be tried. */
static void tell_changes(struct bisect *bisect) {
  struct bisection *bisection = mem_alloc(sizeof *bisection);
  size_t before, after;
  bisect->result->bisection = bisection;
  bisection->releases = mem_dup(bisect->options->matrix.releases);
  bisection->count = bisect->targets.count;
  bisection->tried = bisect->result->matrix->targets.count;
  if (bisect->result->cut_short) {
    return;
  }
  for (size_t from = 0; halving_change(bisect->probes, bisect->targets.count, from, &before, &after); from = after) {
    struct change *change = bisection_add_change(bisection);
    bool came = bisect->probes[after] == PROBE_BAD;
    change->what = mem_dup(came ? CHANGE_CAME : CHANGE_WENT);
    change->before = mem_dup(bisect->targets.items[before]);
    change->after = mem_dup(bisect->targets.items[after]);
    for (size_t i = before + 1; i < after; i++) {
      strlist_add(&change->untried, bisect->targets.items[i]);
    }
    bisect_compare(change, bisect->result, bisect->places, &bisect->python, bisect->package);
  }
}

static bool check(const struct campaign_options *options, struct err *err) {
  if (options->scenarios.count != 1) {
    return err_set(err, ERR_USAGE, "bisect takes one SCENARIO, not %zu; flashflood list scenarios names them",
                   options->scenarios.count);
  }
  return options->pythons.count < 2 ||
         err_set(err, ERR_USAGE, "bisect takes one --python, not %zu; flashflood matrix takes several",
                 options->pythons.count);
}

bool bisect_run(const struct campaign_options *options, const struct places *places, const struct campaign_watch *watch,
                struct result *result, struct err *err) {
  struct bisect bisect = {.options = options, .places = places, .watch = watch, .result = result};
  const char *interpreter = options->pythons.count ? options->pythons.items[0] : NULL;
  bool ok = check(options, err) && places_python(places, interpreter, false, &bisect.python, err) &&
            find_releases(&bisect, err);
  if (ok && watch->planned) {
    watch->planned(watch->arg, halving_likely(bisect.targets.count), 0);
  }
  ok = ok && probe_all(&bisect, err);
  if (ok) {
    name_rows(&bisect);
    tell_changes(&bisect);
  }
  strlist_free(&bisect.targets);
  python_free(&bisect.python);
  free(bisect.package);
  free(bisect.probes);
  return ok;
}
