#include "model/result.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

struct run *result_add_run(struct result *result) {
  result->runs = mem_grow(result->runs, (result->run_count + 1) * sizeof *result->runs);
  struct run *run = &result->runs[result->run_count++];
  *run = (struct run){.bound = -1, .expected.met = TRI_UNKNOWN, .replayed.line = -1};
  return run;
}

struct finding *run_add_finding(struct run *run) {
  run->findings = mem_grow(run->findings, (run->finding_count + 1) * sizeof *run->findings);
  struct finding *finding = &run->findings[run->finding_count++];
  *finding = (struct finding){.confirmed = TRI_UNKNOWN, .switches = -1};
  return finding;
}

struct step *finding_add_step(struct finding *finding) {
  finding->steps = mem_grow(finding->steps, (finding->step_count + 1) * sizeof *finding->steps);
  struct step *step = &finding->steps[finding->step_count++];
  *step = (struct step){0};
  return step;
}

struct finding *run_find(struct run *run, const char *fingerprint) {
  for (size_t i = 0; i < run->finding_count; i++) {
    const char *have = run->findings[i].fingerprint;
    if (have && strcmp(have, fingerprint) == 0) {
      return &run->findings[i];
    }
  }
  return NULL;
}

struct suppression *result_add_suppression(struct result *result) {
  result->suppressions = mem_grow(result->suppressions, (result->suppression_count + 1) * sizeof *result->suppressions);
  struct suppression *suppression = &result->suppressions[result->suppression_count++];
  *suppression = (struct suppression){0};
  return suppression;
}

void coverage_set_actor(struct coverage *coverage, const char *name, uint64_t threads, uint64_t calls) {
  struct coverage_actor *actor = NULL;
  for (size_t i = 0; i < coverage->actor_count && !actor; i++) {
    actor = strcmp(coverage->actors[i].name, name) == 0 ? &coverage->actors[i] : NULL;
  }
  if (!actor) {
    coverage->actors = mem_grow(coverage->actors, (coverage->actor_count + 1) * sizeof *coverage->actors);
    actor = &coverage->actors[coverage->actor_count++];
    actor->name = mem_dup(name);
  }
  actor->threads = threads;
  actor->calls = calls;
}

void coverage_set_reached(struct coverage *coverage, const char *name, uint64_t count) {
  struct coverage_point *point = NULL;
  for (size_t i = 0; i < coverage->reached_count && !point; i++) {
    point = strcmp(coverage->reached[i].name, name) == 0 ? &coverage->reached[i] : NULL;
  }
  if (!point) {
    coverage->reached = mem_grow(coverage->reached, (coverage->reached_count + 1) * sizeof *coverage->reached);
    point = &coverage->reached[coverage->reached_count++];
    point->name = mem_dup(name);
  }
  point->count = count;
}

static void coverage_free(struct coverage *coverage) {
  for (size_t i = 0; i < coverage->actor_count; i++) {
    free(coverage->actors[i].name);
  }
  for (size_t i = 0; i < coverage->reached_count; i++) {
    free(coverage->reached[i].name);
  }
  free(coverage->actors);
  free(coverage->reached);
  free(coverage->control);
  strlist_free(&coverage->notes);
}

void finding_drop_steps(struct finding *finding) {
  for (size_t i = 0; i < finding->step_count; i++) {
    free(finding->steps[i].thread);
    free(finding->steps[i].function);
    free(finding->steps[i].file);
    free(finding->steps[i].source);
  }
  free(finding->steps);
  finding->steps = NULL;
  finding->step_count = 0;
}

void finding_free(struct finding *finding) {
  finding_drop_steps(finding);
  race_free(finding->race);
  free(finding->replay);
  free(finding->message);
  free(finding->actor);
  free(finding->where);
  free(finding->traceback);
  free(finding->reachable);
  free(finding->schedule);
  free(finding->fingerprint);
  *finding = (struct finding){0};
}

void run_free(struct run *run) {
  char *owned[] = {run->scenario,
                   run->summary,
                   run->target,
                   run->release,
                   run->python,
                   run->python_tag,
                   run->python_binary,
                   run->engine,
                   run->carrier,
                   run->points,
                   run->strategy,
                   run->claim,
                   run->why,
                   run->replay,
                   run->races.policy,
                   run->expected.outcome,
                   run->expected.because,
                   run->expected.unmet,
                   run->replayed.outcome,
                   run->replayed.detail};
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
    free(owned[i]);
  }
  for (size_t i = 0; i < run->finding_count; i++) {
    finding_free(&run->findings[i]);
  }
  free(run->findings);
  strlist_free(&run->patches);
  coverage_free(&run->coverage);
  *run = (struct run){0};
}

void result_free(struct result *result) {
  for (size_t i = 0; i < result->run_count; i++) {
    run_free(&result->runs[i]);
  }
  for (size_t i = 0; i < result->suppression_count; i++) {
    free(result->suppressions[i].what);
    free(result->suppressions[i].pattern);
    free(result->suppressions[i].reason);
  }
  free(result->runs);
  free(result->suppressions);
  matrix_free(result->matrix);
  bisection_free(result->bisection);
  free(result->tool);
  free(result->command);
  free(result->platform);
  *result = (struct result){0};
}
