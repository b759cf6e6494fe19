#include "campaign/cells.h"

#include <stdlib.h>
#include <string.h>

#include "model/fingerprint.h"
#include "model/result_json.h"
#include "platform/fs.h"
#include "platform/mem.h"

/* Hashed with its name, in hexadecimal. */
static bool add_file(struct buf *key, const char *path, struct err *err) {
  struct buf content = {0};
  char hash[FINGERPRINT_SIZE];
  bool ok = fs_read(path, &content, err);
  uint64_t state = 14695981039346656037u; /* FNV-1a: a worker is megabytes, with NUL bytes in them */
  for (size_t i = 0; ok && i < content.len; i++) {
    state = (state ^ (unsigned char)content.data[i]) * 1099511628211u;
  }
  snprintf(hash, sizeof hash, "%016llx", (unsigned long long)state);
  buf_printf(key, "%s %s\n", fs_base(path), hash);
  buf_free(&content);
  return ok;
}

/* The scenario and what it may import from beside it. */
static bool add_scenario(struct buf *key, const char *path, struct err *err) {
  struct strlist names = {0};
  char *folder = mem_dupn(path, (size_t)(fs_base(path) - path));
  char *support = fs_join(folder, "support");
  fs_list(support, ".py", &names);
  bool ok = add_file(key, path, err);
  for (size_t i = 0; ok && i < names.count; i++) {
    char *file = fs_join(support, names.items[i]);
    ok = add_file(key, file, err);
    free(file);
  }
  strlist_free(&names);
  free(support);
  free(folder);
  return ok;
}

/* What every cell of a Python has in common. */
static bool add_programs(struct buf *key, const struct python *python, bool tsan, struct err *err) {
  return add_file(key, "/proc/self/exe", err) && add_file(key, tsan ? python->tsan_worker : python->worker, err);
}

/* What is read once: the programs of each Python, plain and with ThreadSanitizer, and each scenario. */
struct common {
  char **programs;
  char **scenarios;
};

static bool read_programs(const struct plan *plan, char **programs, struct err *err) {
  bool ok = true;
  for (size_t i = 0; ok && i < plan->python_count * 2; i++) {
    const struct python *python = &plan->pythons[i / 2];
    struct buf text = {0};
    bool there = !python->missing && (i % 2 == 0 || fs_is_file(python->tsan_worker));
    ok = !there || add_programs(&text, python, i % 2, err);
    programs[i] = buf_take(&text);
  }
  return ok;
}

static bool read_scenarios(const struct plan *plan, char **scenarios, struct err *err) {
  bool ok = true;
  for (size_t i = 0; ok && i < plan->catalog.count; i++) {
    struct buf text = {0};
    ok = add_scenario(&text, plan->catalog.entries[i].path, err);
    scenarios[i] = buf_take(&text);
  }
  return ok;
}

static void free_texts(char **texts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    free(texts[i]);
  }
  free(texts);
}

static bool add_patches(struct buf *key, const struct target *target, struct err *err) {
  bool ok = true;
  for (size_t i = 0; ok && i < target->patches.count; i++) {
    ok = add_file(key, target->patches.items[i], err);
  }
  return ok;
}

/* Texts that go into a run beside what its worker tells: commands, the folder of schedules. */
static void add_options(struct buf *key, const struct campaign_options *options) {
  buf_printf(key, "%s\n%s\n%s\n%g\n", options->program, options->out ? options->out : "", options->races,
             options->hang_after);
}

static bool name_one(const struct campaign_options *options, struct plan *plan, size_t index,
                     const struct common *common, struct err *err) {
  struct planned *planned = &plan->jobs[index];
  const struct target *target = &plan->targets[planned->target];
  const struct python *python = plan_python(plan, planned);
  struct buf rest = {0};
  char *job = job_to_json(&planned->job);
  add_options(&rest, options);
  bool ok = add_patches(&rest, target, err);
  if (ok && job) {
    const char *parts[] = {job,
                           buf_text(&rest),
                           target->sha256,
                           python->asked,
                           python->tag,
                           common->programs[target->python * 2 + planned->tsan],
                           common->scenarios[planned->entry]};
    planned->cell = mem_alloc(FINGERPRINT_SIZE);
    fingerprint_of(parts, sizeof parts / sizeof *parts, planned->cell);
  }
  buf_free(&rest);
  free(job);
  return ok;
}

bool cells_name(const struct campaign_options *options, struct plan *plan, struct err *err) {
  if (!plan->matrix) {
    return true;
  }
  struct common common = {mem_alloc(plan->python_count * 2 * sizeof *common.programs),
                          mem_alloc(plan->catalog.count * sizeof *common.scenarios)};
  bool ok = read_programs(plan, common.programs, err) && read_scenarios(plan, common.scenarios, err);
  for (size_t i = 0; ok && i < plan->job_count; i++) {
    ok = name_one(options, plan, i, &common, err);
  }
  free_texts(common.programs, plan->python_count * 2);
  free_texts(common.scenarios, plan->catalog.count);
  return ok;
}

static const char *home_of(const struct campaign_options *options, const struct places *places) {
  return options->out ? options->out : places->cache;
}

/* The caller's. */
static char *file_of(const struct campaign_options *options, const struct places *places, const char *cell) {
  return mem_printf("%s/cells/%s.json", home_of(options, places), cell);
}

/* What a finding names is there still. */
static bool is_whole(const struct campaign_options *options, const struct run *run) {
  bool whole = true;
  for (size_t i = 0; whole && i < run->finding_count; i++) {
    const char *schedule = run->findings[i].schedule;
    char *path = !schedule ? NULL : options->out ? fs_join(options->out, schedule) : mem_dup(schedule);
    whole = !path || fs_is_file(path);
    free(path);
  }
  return whole;
}

bool cells_take(const struct campaign_options *options, const struct places *places, const struct plan *plan,
                size_t index, struct run *run) {
  const char *cell = plan->jobs[index].cell;
  if (!cell || options->matrix.fresh || options->suppressions) {
    return false;
  }
  struct err err = ERR_INIT; /* what cannot be read is run again */
  struct buf text = {0};
  struct result kept = {0};
  char *file = file_of(options, places, cell);
  bool ok = fs_is_file(file) && fs_read(file, &text, &err) &&
            result_from_json(buf_text(&text), text.len, file, &kept, &err) && kept.run_count == 1 &&
            is_whole(options, &kept.runs[0]);
  if (ok) {
    *run = kept.runs[0];
    kept.run_count = 0;
  }
  result_free(&kept);
  buf_free(&text);
  free(file);
  return ok;
}

static bool is_to_keep(const struct campaign_options *options, const struct run *run) {
  bool died = false;
  for (size_t i = 0; i < run->finding_count; i++) {
    died |= run->findings[i].kind == FINDING_CRASH || run->findings[i].kind == FINDING_HANG;
  }
  return run->verdict != VERDICT_INCONCLUSIVE && !died && !options->suppressions;
}

bool cells_keep(const struct campaign_options *options, const struct places *places, const struct plan *plan,
                size_t index, const struct run *run, struct err *err) {
  const char *cell = plan->jobs[index].cell;
  if (!cell || !is_to_keep(options, run)) {
    return true;
  }
  char *folder = fs_join(home_of(options, places), "cells");
  char *file = file_of(options, places, cell);
  struct run copy = *run; /* shallow: only read */
  struct result one = {.tool = (char *)(size_t) "flashflood " FF_VERSION, .runs = &copy, .run_count = 1};
  char *text = result_to_json(&one);
  bool ok = fs_make_dirs(folder, err) && fs_write(file, text, strlen(text), err);
  free(text);
  free(file);
  free(folder);
  return ok;
}
