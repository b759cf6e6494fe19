#include "model/job.h"

#include <jansson.h>
#include <stdlib.h>

#include "model/json_strings.h"
#include "platform/mem.h"

/* The rest of it: mostly what an engine that chooses its schedules is told beside what all are. */
static json_t *controlled_to_json(const struct job *job) {
  return json_pack("{s:s*, s:I, s:b, s:i, s:I, s:b, s:b, s:b, s:s*, s:s*}", "target", job->target, "preemptions",
                   (json_int_t)job->preemptions, "preemptions_given", job->preemptions_given, "depth", job->depth,
                   "step_limit", (json_int_t)job->step_limit, "verify", job->verify, "confirm", job->confirm, "lift",
                   job->lift, "resume", job->resume, "schedule", job->schedule);
}

char *job_to_json(const struct job *job) {
  json_t *json =
      json_pack("{s:s, s:s*, s:s*, s:s*, s:o, s:s*, s:s*, s:s*, s:s*, s:I, s:I, s:f, s:I, s:f, s:s*, s:i, s:i}", "mode",
                job->mode, "scenario", job->scenario, "name", job->name, "package", job->package, "paths",
                strings_to_json(&job->paths), "engine", job->engine, "carrier", job->carrier, "points", job->points,
                "strategy", job->strategy, "seed", (json_int_t)job->seed, "threads", (json_int_t)job->threads,
                "seconds", job->seconds, "trials", (json_int_t)job->trials, "switch_interval", job->switch_interval,
                "until", job->until, "records_fd", job->records_fd, "stacks_fd", job->stacks_fd);
  json_t *controlled = controlled_to_json(job);
  bool ok = json && controlled && json_object_update(json, controlled) == 0;
  char *text = ok ? json_dumps(json, JSON_COMPACT) : NULL;
  json_decref(controlled);
  json_decref(json);
  return text;
}

static bool read_common(json_t *json, struct job *job, json_error_t *error) {
  const char *mode = "run", *scenario = NULL, *name = NULL, *package = NULL, *until = NULL;
  const char *engine = "stress", *carrier = "pthread", *points = "free", *strategy = "none";
  json_int_t seed = 0, threads = 0, trials = 0;
  json_t *paths = NULL;
  if (json_unpack_ex(json, error, 0,
                     "{s?s, s?s, s?s, s?s, s?o, s?s, s?s, s?s, s?s, s?I, s?I, s?F, s?I, s?F, s?s, s?i, s?i}", "mode",
                     &mode, "scenario", &scenario, "name", &name, "package", &package, "paths", &paths, "engine",
                     &engine, "carrier", &carrier, "points", &points, "strategy", &strategy, "seed", &seed, "threads",
                     &threads, "seconds", &job->seconds, "trials", &trials, "switch_interval", &job->switch_interval,
                     "until", &until, "records_fd", &job->records_fd, "stacks_fd", &job->stacks_fd) != 0) {
    return false;
  }
  job->mode = mem_dup(mode), job->scenario = mem_dup(scenario), job->name = mem_dup(name);
  job->package = mem_dup(package), job->until = mem_dup(until), job->engine = mem_dup(engine);
  job->carrier = mem_dup(carrier), job->points = mem_dup(points), job->strategy = mem_dup(strategy);
  job->seed = (uint64_t)seed, job->threads = (uint64_t)threads, job->trials = (uint64_t)trials;
  strings_from_json(paths, &job->paths);
  return true;
}

static bool read_controlled(json_t *json, struct job *job, json_error_t *error) {
  const char *target = NULL, *resume = NULL, *schedule = NULL;
  json_int_t preemptions = -1, step_limit = 0;
  int given = 0, verify = 0, confirm = 0, lift = 0; /* jansson's booleans are of this size */
  if (json_unpack_ex(json, error, 0, "{s?s, s?I, s?b, s?i, s?I, s?b, s?b, s?b, s?s, s?s}", "target", &target,
                     "preemptions", &preemptions, "preemptions_given", &given, "depth", &job->depth, "step_limit",
                     &step_limit, "verify", &verify, "confirm", &confirm, "lift", &lift, "resume", &resume, "schedule",
                     &schedule) != 0) {
    return false;
  }
  job->preemptions = preemptions, job->step_limit = (uint64_t)step_limit;
  job->preemptions_given = given, job->verify = verify, job->confirm = confirm, job->lift = lift;
  job->target = mem_dup(target), job->resume = mem_dup(resume), job->schedule = mem_dup(schedule);
  return true;
}

bool job_from_json(const char *text, struct job *job, struct err *err) {
  json_error_t error;
  *job = (struct job){.preemptions = -1, .records_fd = -1, .stacks_fd = -1};
  json_t *json = json_loads(text, 0, &error);
  if (!json) {
    return err_set(err, ERR_USAGE, "the job is not JSON: %s", error.text);
  }
  bool ok = read_common(json, job, &error) && read_controlled(json, job, &error);
  if (!ok) {
    job_free(job);
    err_set(err, ERR_USAGE, "the job is not as expected: %s", error.text);
  }
  json_decref(json);
  return ok;
}

void job_free(struct job *job) {
  char *owned[] = {job->mode,   job->scenario, job->name,  job->package, job->engine,   job->carrier,
                   job->points, job->strategy, job->until, job->resume,  job->schedule, job->target};
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
    free(owned[i]);
  }
  strlist_free(&job->paths);
  *job = (struct job){0};
}
