#include "campaign/campaign.h"

#include <stdlib.h>
#include <string.h>

#include "campaign/cells.h"
#include "campaign/crew.h"
#include "campaign/grade.h"
#include "campaign/keeper.h"
#include "campaign/plan.h"
#include "campaign/preflight.h"
#include "campaign/settle.h"
#include "campaign/suppress.h"
#include "platform/clock.h"
#include "platform/interrupt.h"
#include "platform/mem.h"

#define PROGRESS_EVERY 0.2 /* seconds */

struct campaign {
  const struct campaign_options *options;
  const struct campaign_watch *watch;
  const struct places *places;
  struct plan plan;
  struct result *result;
  struct worker_process *workers; /* one for each job; alive while it runs */
  struct keeper *keepers;
  bool *started;
  bool *ended;
  bool *unloaded; /* of a matrix: the target could not be imported, and that is no run */
  size_t kept;    /* runs that an earlier campaign had finished */
  double told_at;
};

static size_t count_running(const struct campaign *campaign) {
  size_t running = 0;
  for (size_t i = 0; i < campaign->plan.job_count; i++) {
    running += campaign->started[i] && !campaign->ended[i];
  }
  return running;
}

static void grade(struct campaign *campaign, size_t index) {
  struct worker_process *worker = &campaign->workers[index];
  struct run *run = &campaign->result->runs[index];
  const struct planned *planned = &campaign->plan.jobs[index];
  const char *cut_short = NULL;
  if (interrupt_seen() && !(worker->intake.done && !worker->intake.why)) {
    cut_short = "cut short by a signal before its budget was used";
  } else if (worker->intake.refused) {
    cut_short = worker->intake.refused;
  } else if (worker->intake.why) {
    cut_short = worker->intake.why;
  }
  struct ending ending = {.done = worker->intake.done,
                          .replays = planned->engine == ENGINE_REPLAY,
                          .must_claim = planned->engine == ENGINE_EXPLORE,
                          .control_failed = worker->intake.control_failed,
                          .cut_short = cut_short,
                          .must_reach = &campaign->plan.catalog.entries[planned->entry].must_reach};
  grade_run(run, &ending);
}

/* A worker that died in a replay could not say which of its outcomes that is. */
static void settle_replay(const struct campaign *campaign, struct run *run) {
  const char *fingerprint = campaign->options->replay.fingerprint;
  if (fingerprint && !run->replayed.outcome && run->finding_count) {
    run->replayed.outcome = mem_dup(run_find(run, fingerprint) ? "fails the same" : "fails otherwise");
  }
}

/* A release that does not load on that Python is a cell that says so. */
static bool is_unloaded(const struct campaign *campaign, const struct worker_process *worker) {
  const struct intake *intake = &worker->intake;
  return campaign->plan.matrix && intake->refused && !intake->ready && worker->intake.run->finding_count == 0;
}

static void keep_cell(struct campaign *campaign, size_t index) {
  struct err err = ERR_INIT;
  struct run *run = &campaign->result->runs[index];
  if (interrupt_seen() && campaign->workers[index].asked_at > 0) {
    return;
  }
  if (!cells_keep(campaign->options, campaign->places, &campaign->plan, index, run, &err)) {
    strlist_addf(&run->coverage.notes, "what was found was not kept for another matrix: %s", err.msg);
  }
}

static void end_job(struct campaign *campaign, size_t index) {
  struct worker_process *worker = &campaign->workers[index];
  worker_judge_death(worker, interrupt_seen() && worker->asked_at > 0 && !worker->hung);
  settle_replay(campaign, &campaign->result->runs[index]);
  grade(campaign, index);
  campaign->unloaded[index] = is_unloaded(campaign, worker);
  keep_cell(campaign, index);
  worker_free(worker);
  campaign->ended[index] = true;
  if (campaign->watch->run_ended) {
    campaign->watch->run_ended(campaign->watch->arg, &campaign->result->runs[index]);
  }
}

static bool start_job(struct campaign *campaign, size_t index, struct err *err) {
  const struct planned *planned = &campaign->plan.jobs[index];
  const struct python *python = plan_python(&campaign->plan, planned);
  struct worker_process *worker = &campaign->workers[index];
  campaign->started[index] = true;
  bool ok = worker_start(worker, python, planned->tsan, &planned->job, &campaign->result->runs[index], err);
  campaign->keepers[index] = (struct keeper){campaign->options, campaign->places, &campaign->plan, index};
  worker->intake.keeper = &campaign->keepers[index];
  worker->intake.result = campaign->result;
  return ok;
}

static void wait_for_news(struct campaign *campaign) {
  struct process **running = mem_alloc(campaign->plan.job_count * sizeof *running);
  size_t count = 0;
  for (size_t i = 0; i < campaign->plan.job_count; i++) {
    if (campaign->started[i] && !campaign->ended[i]) {
      running[count++] = &campaign->workers[i].process;
    }
  }
  process_poll(running, count, 0.05);
  free(running);
}

static double further(double one, double other) { return one > other ? one : other; }

/* A run's part done, 0 to 1: by its time, its trials, or what it claims to have explored, whichever is further. */
static double part_done(const struct campaign *campaign, size_t index) {
  const struct run *run = &campaign->result->runs[index];
  const struct job *job = &campaign->plan.jobs[index].job;
  if (campaign->ended[index]) {
    return 1;
  }
  double by_time = job->seconds > 0 ? run->seconds / job->seconds : 0;
  double by_trials = job->trials ? (double)run->schedules / (double)job->trials : 0;
  double part = further(further(by_time, by_trials), campaign->workers[index].intake.part_claimed);
  return part < 1 ? part : 1;
}

static void tell_progress(struct campaign *campaign) {
  double now = clock_now(), done = 0;
  if (now - campaign->told_at < PROGRESS_EVERY || !campaign->watch->progress) {
    return;
  }
  campaign->told_at = now;
  for (size_t i = 0; i < campaign->plan.job_count; i++) {
    done += part_done(campaign, i);
  }
  campaign->watch->progress(campaign->watch->arg, campaign->result, done / (double)campaign->plan.job_count);
}

/* Starts as many as may run at the same time, from `next` on. */
static bool start_jobs(struct campaign *campaign, size_t *next, struct err *err) {
  while (*next < campaign->plan.job_count && !interrupt_seen() &&
         count_running(campaign) < (size_t)campaign->options->jobs) {
    size_t index = (*next)++;
    if (!campaign->ended[index] && !start_job(campaign, index, err)) {
      return false;
    }
  }
  return true;
}

static bool run_jobs(struct campaign *campaign, struct err *err) {
  size_t next = 0;
  while ((next < campaign->plan.job_count && !interrupt_seen()) || count_running(campaign) > 0) {
    if (!start_jobs(campaign, &next, err)) {
      return false;
    }
    wait_for_news(campaign);
    for (size_t i = 0; i < next; i++) {
      if (!campaign->ended[i] && !worker_tend(&campaign->workers[i], campaign->options->hang_after, interrupt_seen())) {
        end_job(campaign, i);
      }
    }
    tell_progress(campaign);
  }
  for (size_t i = next; i < campaign->plan.job_count; i++) {
    if (!campaign->ended[i]) {
      grade_run(&campaign->result->runs[i], &(struct ending){.cut_short = "not started: interrupted before"});
    }
  }
  campaign->result->cut_short = interrupt_seen();
  return true;
}

static void make_room(struct campaign *campaign) {
  size_t count = campaign->plan.job_count;
  campaign->workers = mem_alloc(count * sizeof *campaign->workers);
  campaign->keepers = mem_alloc(count * sizeof *campaign->keepers);
  campaign->started = mem_alloc(count * sizeof *campaign->started);
  campaign->ended = mem_alloc(count * sizeof *campaign->ended);
  campaign->unloaded = mem_alloc(count * sizeof *campaign->unloaded);
  for (size_t i = 0; i < count; i++) {
    result_add_run(campaign->result); /* all first: a worker keeps a pointer to its run */
  }
}

static void describe_run(struct campaign *campaign, size_t index) {
  struct run *run = &campaign->result->runs[index];
  campaign->started[index] = campaign->ended[index] =
      cells_take(campaign->options, campaign->places, &campaign->plan, index, run);
  if (campaign->ended[index]) {
    campaign->kept++;
    return;
  }
  plan_describe(&campaign->plan, campaign->options, index, run);
  if (campaign->plan.jobs[index].tsan) {
    strlist_add(&run->coverage.notes, "ThreadSanitizer awake: its racy twin was reported, its locked twin was not");
  }
}

static bool prepare(struct campaign *campaign, struct err *err) {
  const struct campaign_options *options = campaign->options;
  struct plan *plan = &campaign->plan;
  if ((options->suppressions && !suppress_read(options->suppressions, campaign->result, err)) ||
      !plan_make(options, campaign->places, campaign->watch, plan, err) || !cells_name(options, plan, err) ||
      (!plan->matrix && !preflight_load(plan, options->hang_after, err)) || !preflight_tsan_workers(plan, err)) {
    return false;
  }
  make_room(campaign);
  for (size_t i = 0; i < plan->job_count; i++) {
    describe_run(campaign, i);
  }
  campaign->result->expect_known = options->expect_known;
  return true;
}

/* How long all runs take, as far as it is known. */
static double all_seconds(const struct campaign *campaign) {
  double seconds = 0, longest = 0;
  for (size_t i = 0; i < campaign->plan.job_count; i++) {
    double one = campaign->ended[i] ? 0 : campaign->plan.jobs[i].job.seconds;
    seconds += one;
    longest = further(longest, one);
  }
  return further(longest, seconds / campaign->options->jobs);
}

bool campaign_tsan(const struct campaign_options *options, enum engine engine) {
  bool wanted = options->races_given && strcmp(options->races, "off") != 0 && engine != ENGINE_REPLAY;
  return options->tsan == TRI_UNKNOWN ? wanted || options->tsan_by_default[engine] : options->tsan == TRI_TRUE;
}

bool campaign_lifts(const struct campaign_options *options, enum engine engine) {
  return campaign_tsan(options, engine) && (engine == ENGINE_REPLAY || strcmp(options->races, "off") != 0);
}

double campaign_seconds(const struct campaign_options *options, enum engine engine) {
  bool by_number = engine == ENGINE_REPLAY || (engine == ENGINE_EXPLORE && options->explore.schedules);
  return by_number && !options->seconds_given ? 0 : options->seconds;
}

static void tell_kept(const struct campaign *campaign) {
  if (campaign->kept && campaign->watch->say) {
    char *line = mem_printf("%zu of %zu cells were finished before", campaign->kept, campaign->plan.job_count);
    campaign->watch->say(campaign->watch->arg, line);
    free(line);
  }
}

bool campaign_run(const struct campaign_options *options, const struct places *places,
                  const struct campaign_watch *watch, struct result *result, struct err *err) {
  static const struct campaign_watch nobody = {0};
  struct campaign campaign = {.options = options, .watch = watch ? watch : &nobody, .places = places, .result = result};
  bool ok = prepare(&campaign, err);
  if (ok) {
    tell_kept(&campaign);
  }
  if (ok && campaign.watch->planned) {
    campaign.watch->planned(campaign.watch->arg, campaign.plan.job_count, all_seconds(&campaign));
  }
  ok = ok && run_jobs(&campaign, err);
  if (ok) {
    settle_matrix(&campaign.plan, campaign.unloaded, result);
  }
  free(campaign.workers);
  free(campaign.keepers);
  free(campaign.started);
  free(campaign.ended);
  free(campaign.unloaded);
  plan_free(&campaign.plan);
  return ok;
}
