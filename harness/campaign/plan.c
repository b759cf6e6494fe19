#include "campaign/plan.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "platform/process.h"

static void say(const struct campaign_watch *watch, const char *line) {
  if (watch && watch->say) {
    watch->say(watch->arg, line);
  }
}

static void pass_on(void *arg, const char *line) {
  static const char MARK[] = "fetch: ";
  const struct campaign_watch *const *watch = arg;
  say(*watch, strncmp(line, MARK, sizeof MARK - 1) == 0 ? line + sizeof MARK - 1 : line);
}

static bool parse_targets(const struct campaign_options *options, struct plan *plan, struct err *err) {
  plan->targets = mem_alloc(options->targets.count * sizeof *plan->targets);
  for (size_t i = 0; i < options->targets.count; i++) {
    plan->target_count++;
    if (!target_parse(options->targets.items[i], &plan->targets[i], err)) {
      return false;
    }
  }
  return true;
}

/* The packages under test of all scenarios that were asked for: a folder must hold one of them. */
static bool read_packages(const struct places *places, const struct plan *plan, const struct strlist *files,
                          struct strlist *packages, struct err *err) {
  struct catalog catalog = {0};
  bool ok = catalog_read(places, &plan->python, files, NULL, 0, &catalog, err);
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
    if (!target_resolve(&plan->targets[i], places, &plan->python, packages, pass_on, &watch, err)) {
      return false;
    }
  }
  return true;
}

static void fill_job(const struct campaign_options *options, const struct catalog_entry *entry,
                     const struct target *target, struct job *job) {
  *job = (struct job){.mode = mem_dup("run"),
                      .scenario = mem_dup(entry->path),
                      .name = mem_dup(entry->name),
                      .package = mem_dup(entry->package),
                      .engine = mem_dup(options->engine),
                      .carrier = mem_dup("pthread"),
                      .points = mem_dup("free"),
                      .strategy = mem_dup("none"),
                      .seed = options->seed,
                      .threads = options->threads,
                      .seconds = options->seconds,
                      .trials = options->trials,
                      .switch_interval = options->switch_interval,
                      .until = mem_dup(options->until),
                      .records_fd = PROCESS_RECORDS_FD,
                      .stacks_fd = PROCESS_STACKS_FD};
  strlist_copy(&job->paths, &target->paths);
}

/* A scenario that does not apply is left out where all were asked for, and an error where it was asked for by name. */
static bool add_jobs(const struct campaign_options *options, const struct campaign_watch *watch, struct plan *plan,
                     struct err *err) {
  for (size_t t = 0; t < plan->target_count; t++) {
    for (size_t e = 0; e < plan->catalog.count; e++) {
      const struct catalog_entry *entry = &plan->catalog.entries[e];
      const struct catalog_cell *cell = &entry->cells[t];
      if (!cell->applies && options->scenarios.count) {
        return err_set(err, ERR_USAGE, "scenario '%s' does not apply to %s: %s", entry->name, plan->targets[t].text,
                       cell->why_not ? cell->why_not : "it does not say why");
      }
      if (!cell->applies) {
        char *line = mem_printf("%s does not apply to %s: %s", entry->name, plan->targets[t].text,
                                cell->why_not ? cell->why_not : "");
        say(watch, line);
        free(line);
        continue;
      }
      plan->jobs = mem_grow(plan->jobs, (plan->job_count + 1) * sizeof *plan->jobs);
      struct planned *planned = &plan->jobs[plan->job_count++];
      *planned = (struct planned){.entry = e, .target = t};
      fill_job(options, entry, &plan->targets[t], &planned->job);
    }
  }
  return plan->job_count > 0 ||
         err_set(err, ERR_USAGE, "no scenario applies to %s; flashflood list scenarios says what each needs",
                 plan->target_count ? plan->targets[0].text : "no target");
}

bool plan_make(const struct campaign_options *options, const struct places *places, const struct campaign_watch *watch,
               struct plan *plan, struct err *err) {
  struct strlist files = {0}, packages = {0};
  *plan = (struct plan){0};
  bool ok = options->targets.count > 0 ||
            err_set(err, ERR_USAGE, "no target; give one, such as sentry-arroyo==2.36.0 or a folder");
  ok = ok && places_python(places, options->python, options->tsan, &plan->python, err) &&
       catalog_files(places, &options->scenarios, &files, err) && parse_targets(options, plan, err) &&
       read_packages(places, plan, &files, &packages, err) && resolve_targets(places, watch, plan, &packages, err) &&
       catalog_read(places, &plan->python, &files, plan->targets, plan->target_count, &plan->catalog, err) &&
       add_jobs(options, watch, plan, err);
  strlist_free(&packages);
  strlist_free(&files);
  return ok;
}

static void add_option(struct buf *text, const char *option, const char *value) {
  buf_printf(text, " %s ", option);
  buf_shell_word(text, value);
}

/* The command that does this run again, from the same folder. */
static char *replay_command(const struct campaign_options *options, const struct catalog_entry *entry,
                            const struct target *target, bool builtin) {
  struct buf text = {0};
  buf_shell_word(&text, options->program);
  buf_puts(&text, " stress ");
  buf_shell_word(&text, builtin ? entry->name : entry->path);
  add_option(&text, "--target", target->text);
  buf_printf(&text, " --seconds %g --seed %llu", options->seconds, (unsigned long long)options->seed);
  if (options->trials) {
    buf_printf(&text, " --trials %llu", (unsigned long long)options->trials);
  }
  if (options->threads) {
    buf_printf(&text, " --threads %llu", (unsigned long long)options->threads);
  }
  if (options->switch_interval > 0) {
    buf_printf(&text, " --switch-interval %g", options->switch_interval);
  }
  if (options->hang_after < CAMPAIGN_HANG_AFTER || options->hang_after > CAMPAIGN_HANG_AFTER) {
    buf_printf(&text, " --hang-after %g", options->hang_after);
  }
  if (options->until) {
    add_option(&text, "--until", options->until);
  }
  if (options->python) {
    add_option(&text, "--python", options->python);
  }
  buf_puts(&text, options->tsan ? " --tsan" : " --no-tsan");
  return buf_take(&text);
}

static bool is_builtin(const struct campaign_options *options, const struct catalog_entry *entry) {
  return options->scenarios.count == 0 || strlist_has(&options->scenarios, entry->name);
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
  run->python = mem_dup(plan->python.tag);
  run->engine = mem_dup(planned->job.engine);
  run->carrier = mem_dup(planned->job.carrier);
  run->points = mem_dup(planned->job.points);
  run->strategy = mem_dup(planned->job.strategy);
  run->seed = planned->job.seed;
  run->tsan = options->tsan;
  run->replay = replay_command(options, entry, target, is_builtin(options, entry));
  copy_expectation(&entry->cells[planned->target].expected, &run->expected);
}

void plan_free(struct plan *plan) {
  for (size_t i = 0; i < plan->target_count; i++) {
    target_free(&plan->targets[i]);
  }
  for (size_t i = 0; i < plan->job_count; i++) {
    job_free(&plan->jobs[i].job);
  }
  free(plan->targets);
  free(plan->jobs);
  catalog_free(&plan->catalog);
  python_free(&plan->python);
  *plan = (struct plan){0};
}
