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
  char *cell; /* of a matrix: what it is kept by (campaign/cells.h); else NULL */
};

struct plan {
  struct python *pythons;
  size_t python_count;
  struct target *targets; /* each as often as there are Pythons, for each of which it is resolved */
  size_t target_count;
  struct catalog catalog;
  struct planned *jobs;
  size_t job_count;
  struct matrix *matrix; /* NULL: it is none */
};

/* Fetches what is missing. Errors name the value and the remedy. */
bool plan_make(const struct campaign_options *options, const struct places *places, const struct campaign_watch *watch,
               struct plan *plan, struct err *err);

const struct python *plan_python(const struct plan *plan, const struct planned *planned);

/* The run of the model that a job fills in: what is known before it starts. */
void plan_describe(const struct plan *plan, const struct campaign_options *options, size_t index, struct run *run);

void plan_free(struct plan *plan);

/* What a matrix has of its own (plan_matrix.c). */

/* A Python that can run the helper scripts: the first whose worker was built. */
const struct python *plan_helper(const struct plan *plan);

/* Adds the targets that the specifier and the patches make, newest release first. */
bool plan_list_releases(const struct campaign_options *options, const struct places *places, struct plan *plan,
                        const struct strlist *files, struct strlist *texts, const struct campaign_watch *watch,
                        struct err *err);
/* What a scenario applies to is fetched, and nothing else. After the catalog was read with the targets. */
bool plan_fetch_releases(const struct places *places, struct plan *plan, const struct campaign_watch *watch,
                         struct err *err);
/* Why there is no job for that scenario of that target, entered in the matrix; false where there is none. */
bool plan_skip(struct plan *plan, size_t entry, size_t target);
/* The columns of the grid. */
void plan_name_columns(const struct campaign_options *options, struct plan *plan);

/* For `said` of a helper: what fetching says goes to the watch that `arg` points to. */
void plan_pass_on(void *arg, const char *line);

#endif
