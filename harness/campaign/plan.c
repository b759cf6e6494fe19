#include "campaign/plan.h"

#include <stdlib.h>
#include <string.h>

#include "campaign/command.h"
#include "platform/fs.h"
#include "platform/mem.h"
#include "platform/process.h"

static void say(const struct campaign_watch *watch, const char *line) {
  if (watch && watch->say) {
    watch->say(watch->arg, line);
  }
}

void plan_pass_on(void *arg, const char *line) {
  static const char MARK[] = "fetch: ";
  const struct campaign_watch *const *watch = arg;
  say(*watch, strncmp(line, MARK, sizeof MARK - 1) == 0 ? line + sizeof MARK - 1 : line);
}

/* What that Python cannot do. */
static bool check_python(const struct campaign_options *options, const struct python *python, struct err *err) {
  if (python->instrumented && options->tsan == TRI_FALSE) {
    return err_set(err, ERR_USAGE, "--no-tsan: %s is built with ThreadSanitizer, and its worker cannot be without",
                   python->tag);
  }
  for (int engine = 0; python->free_threaded && engine < ENGINES; engine++) {
    if (options->engines[engine] && engine != ENGINE_STRESS) {
      return err_set(
          err, ERR_USAGE,
          "%s has no GIL, and %s parks its threads by the GIL that one of them holds; only stress runs on it",
          python->tag, engine_name((enum engine)engine));
    }
  }
  return true;
}

/* In a matrix what cannot be run is a cell that says so. */
static bool find_python(const struct campaign_options *options, const struct places *places, const char *asked,
                        bool tsan, struct python *python, struct err *err) {
  struct err unfit = ERR_INIT;
  if (!options->matrix.on) {
    return places_python(places, asked, tsan, python, err) && check_python(options, python, err);
  }
  bool ok = places_python_if_built(places, asked, tsan, python, err);
  if (ok && !python->missing && !check_python(options, python, &unfit)) {
    python->missing = mem_dup(unfit.msg);
  }
  return ok;
}

static bool find_pythons(const struct campaign_options *options, const struct places *places, bool tsan,
                         struct plan *plan, struct err *err) {
  size_t count = options->pythons.count ? options->pythons.count : 1;
  plan->pythons = mem_alloc(count * sizeof *plan->pythons);
  for (size_t i = 0; i < count; i++) {
    const char *asked = options->pythons.count ? options->pythons.items[i] : NULL;
    plan->python_count++; /* what there is of it is freed with the plan */
    if (!find_python(options, places, asked, tsan, &plan->pythons[i], err)) {
      return false;
    }
  }
  return true;
}

static bool parse_targets(const struct strlist *texts, struct plan *plan, struct err *err) {
  plan->targets = mem_alloc(texts->count * plan->python_count * sizeof *plan->targets);
  for (size_t i = 0; i < texts->count * plan->python_count; i++) {
    plan->target_count++;
    if (!target_parse(texts->items[i / plan->python_count], &plan->targets[i], err)) {
      return false;
    }
    plan->targets[i].python = i % plan->python_count;
  }
  return true;
}

/* The packages under test of all scenarios that were asked for: a folder must hold one of them. */
static bool read_packages(const struct places *places, const struct plan *plan, const struct strlist *files,
                          struct strlist *packages, struct err *err) {
  struct catalog catalog = {0};
  bool ok = catalog_read(places, &plan->pythons[0], files, NULL, 0, &catalog, err);
  for (size_t i = 0; i < catalog.count; i++) {
    const char *package = catalog.entries[i].package;
    if (package && !strlist_has(packages, package)) {
      strlist_add(packages, package);
    }
  }
  catalog_free(&catalog);
  return ok;
}

static bool resolve_targets(const struct places *places, const struct campaign_watch *watch, struct plan *plan,
                            const struct strlist *packages, struct err *err) {
  for (size_t i = 0; i < plan->target_count; i++) {
    struct target *target = &plan->targets[i];
    if (!target_resolve(target, places, &plan->pythons[target->python], packages, plan_pass_on, &watch, err)) {
      return false;
    }
  }
  return true;
}

/* What an engine adds to a job. */
static void fill_engine(const struct campaign_options *options, enum engine engine, struct job *job) {
  const struct explore_options *explore = &options->explore;
  bool stress = engine == ENGINE_STRESS, replay = engine == ENGINE_REPLAY;
  job->engine = mem_dup(engine_name(engine));
  job->carrier = mem_dup(stress ? "pthread" : explore->carrier);
  job->points = mem_dup(stress ? "free" : explore->points);
  job->strategy = mem_dup(stress ? "none" : replay ? "replay" : explore->strategy);
  job->trials = stress ? options->trials : replay ? options->replay.times : explore->schedules;
  job->seconds = campaign_seconds(options, engine);
  job->preemptions = -1;
  if (stress) {
    job->switch_interval = options->switch_interval;
  } else if (replay) {
    job->schedule = mem_dup(options->replay.text);
  } else {
    job->preemptions = explore->preemptions;
    job->preemptions_given = explore->preemptions_given;
    job->depth = (int)explore->depth;
    job->verify = explore->verify;
    job->confirm = explore->confirm;
    job->resume = explore->resume ? fs_absolute(explore->resume) : NULL;
  }
}

static void fill_job(const struct campaign_options *options, const struct catalog_entry *entry,
                     const struct target *target, enum engine engine, struct job *job) {
  *job = (struct job){.mode = mem_dup("run"),
                      .scenario = mem_dup(entry->path),
                      .name = mem_dup(entry->name),
                      .package = mem_dup(entry->package),
                      .target = mem_dup(target->text),
                      .seed = options->seed,
                      .threads = options->threads,
                      .until = mem_dup(options->until),
                      .lift = campaign_lifts(options, engine),
                      .records_fd = PROCESS_RECORDS_FD,
                      .stacks_fd = PROCESS_STACKS_FD};
  strlist_copy(&job->paths, &target->paths);
  fill_engine(options, engine, job);
}

/* A job for each engine. */
static void add_engines(const struct campaign_options *options, struct plan *plan, size_t entry, size_t target) {
  for (int engine = 0; engine < ENGINES; engine++) {
    if (options->engines[engine]) {
      plan->jobs = mem_grow(plan->jobs, (plan->job_count + 1) * sizeof *plan->jobs);
      struct planned *planned = &plan->jobs[plan->job_count++];
      *planned = (struct planned){.entry = entry,
                                  .target = target,
                                  .engine = (enum engine)engine,
                                  .tsan = plan->pythons[plan->targets[target].python].instrumented ||
                                          campaign_tsan(options, (enum engine)engine)};
      fill_job(options, &plan->catalog.entries[entry], &plan->targets[target], planned->engine, &planned->job);
    }
  }
}

static bool add_jobs(const struct campaign_options *options, const struct campaign_watch *watch, struct plan *plan,
                     struct err *err) {
  for (size_t t = 0; t < plan->target_count; t++) {
    for (size_t e = 0; e < plan->catalog.count; e++) {
      const struct catalog_entry *entry = &plan->catalog.entries[e];
      const struct catalog_cell *cell = &entry->cells[t];
      if (plan->matrix && plan_skip(plan, e, t)) {
        continue;
      }
      if (!cell->applies && options->scenarios.count) {
        return err_set(err, ERR_USAGE, "scenario '%s' does not apply to %s: %s", entry->name, plan->targets[t].text,
                       cell->why_not ? cell->why_not : "it does not say why");
      }
      if (cell->applies) {
        add_engines(options, plan, e, t);
        continue;
      }
      char *line = mem_printf("%s does not apply to %s: %s", entry->name, plan->targets[t].text,
                              cell->why_not ? cell->why_not : "");
      say(watch, line);
      free(line);
    }
  }
  return plan->job_count > 0 || plan->matrix ||
         err_set(err, ERR_USAGE, "no scenario applies to %s; flashflood list scenarios says what each needs",
                 plan->target_count ? plan->targets[0].text : "no target");
}

/* A file that keeps what was explored is of one run. */
static bool check_resume(const struct campaign_options *options, const struct plan *plan, struct err *err) {
  return !options->explore.resume || plan->job_count == 1 ||
         err_set(err, ERR_USAGE, "--resume '%s' is for one run, and %zu are planned: name one scenario and one target",
                 options->explore.resume, plan->job_count);
}

static bool wants_tsan(const struct campaign_options *options) {
  bool wanted = false;
  for (int engine = 0; engine < ENGINES; engine++) {
    wanted |= options->engines[engine] && campaign_tsan(options, (enum engine)engine);
  }
  return wanted;
}

/* Targets that were named: all of them have to be there. */
static bool resolve_named(const struct campaign_options *options, const struct places *places,
                          const struct campaign_watch *watch, struct plan *plan, const struct strlist *files,
                          struct err *err) {
  struct strlist packages = {0};
  bool ok = options->targets.count > 0 ||
            err_set(err, ERR_USAGE, "no target; give one, such as sentry-arroyo==2.36.0 or a folder");
  ok = ok && parse_targets(&options->targets, plan, err) && read_packages(places, plan, files, &packages, err) &&
       resolve_targets(places, watch, plan, &packages, err) &&
       catalog_read(places, &plan->pythons[0], files, plan->targets, plan->target_count, &plan->catalog, err);
  strlist_free(&packages);
  return ok;
}

/* Releases that were asked for by a specifier: those that there are, and of these what can be had. */
static bool resolve_releases(const struct campaign_options *options, const struct places *places,
                             const struct campaign_watch *watch, struct plan *plan, const struct strlist *files,
                             struct err *err) {
  plan->matrix = mem_alloc(sizeof *plan->matrix);
  strlist_copy(&plan->matrix->targets, &options->targets); /* a bisection names the one to try */
  bool ok = (options->targets.count ||
             plan_list_releases(options, places, plan, files, &plan->matrix->targets, watch, err)) &&
            parse_targets(&plan->matrix->targets, plan, err) &&
            catalog_read(places, plan_helper(plan), files, plan->targets, plan->target_count, &plan->catalog, err) &&
            plan_fetch_releases(places, plan, watch, err);
  plan_name_columns(options, plan);
  return ok;
}

bool plan_make(const struct campaign_options *options, const struct places *places, const struct campaign_watch *watch,
               struct plan *plan, struct err *err) {
  struct strlist files = {0};
  *plan = (struct plan){0};
  bool ok = find_pythons(options, places, wants_tsan(options), plan, err) &&
            catalog_files(places, &options->scenarios, &files, err) &&
            (options->matrix.on ? resolve_releases : resolve_named)(options, places, watch, plan, &files, err) &&
            add_jobs(options, watch, plan, err) && check_resume(options, plan, err);
  strlist_free(&files);
  return ok;
}

const struct python *plan_python(const struct plan *plan, const struct planned *planned) {
  return &plan->pythons[plan->targets[planned->target].python];
}

static void copy_expectation(const struct expectation *from, struct expectation *to) {
  *to = *from;
  to->outcome = mem_dup(from->outcome);
  to->because = mem_dup(from->because);
  to->unmet = NULL;
}

void plan_describe(const struct plan *plan, const struct campaign_options *options, size_t index, struct run *run) {
  const struct planned *planned = &plan->jobs[index];
  const struct catalog_entry *entry = &plan->catalog.entries[planned->entry];
  const struct target *target = &plan->targets[planned->target];
  run->scenario = mem_dup(entry->name);
  run->summary = mem_dup(entry->summary);
  run->target = mem_dup(target->text);
  run->release = mem_dup(target->version);
  strlist_copy(&run->patches, &target->patch_names);
  run->python = mem_dup(plan_python(plan, planned)->tag);
  run->python_tag = mem_dup(plan_python(plan, planned)->tag);
  run->engine = mem_dup(planned->job.engine);
  run->carrier = mem_dup(planned->job.carrier);
  run->points = mem_dup(planned->job.points);
  run->strategy = mem_dup(planned->job.strategy);
  run->seed = planned->job.seed;
  run->tsan = planned->tsan;
  run->races.looked_for = planned->job.lift;
  run->races.policy = mem_dup(options->races);
  run->replay = command_run(options, plan, planned);
  copy_expectation(&entry->cells[planned->target].expected[planned->engine], &run->expected);
}

void plan_free(struct plan *plan) {
  for (size_t i = 0; i < plan->target_count; i++) {
    target_free(&plan->targets[i]);
  }
  for (size_t i = 0; i < plan->job_count; i++) {
    job_free(&plan->jobs[i].job);
    free(plan->jobs[i].cell);
  }
  for (size_t i = 0; i < plan->python_count; i++) {
    python_free(&plan->pythons[i]);
  }
  free(plan->pythons);
  matrix_free(plan->matrix);
  free(plan->targets);
  free(plan->jobs);
  catalog_free(&plan->catalog);
  *plan = (struct plan){0};
}
