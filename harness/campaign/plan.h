/* The plan of a campaign: every target resolved, every scenario read, a job for each pair that belongs together. */
#ifndef FF_CAMPAIGN_PLAN_H
#define FF_CAMPAIGN_PLAN_H

#include "campaign/campaign.h"
#include "campaign/catalog.h"
#include "model/job.h"

struct planned {
  struct job job;
  size_t entry;  /* in catalog.entries */
  size_t target; /* in targets */
  enum engine engine;
  bool tsan;
};

struct plan {
  struct python python;
  struct target *targets;
  size_t target_count;
  struct catalog catalog;
  struct planned *jobs;
  size_t job_count;
};

/* Fetches what is missing. Errors name the value and the remedy. */
bool plan_make(const struct campaign_options *options, const struct places *places, const struct campaign_watch *watch,
               struct plan *plan, struct err *err);

/* The run of the model that a job fills in: what is known before it starts. */
void plan_describe(const struct plan *plan, const struct campaign_options *options, size_t index, struct run *run);

void plan_free(struct plan *plan);

#endif
