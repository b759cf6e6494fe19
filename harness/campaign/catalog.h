/* Scenarios: which there are, what each needs, and what its table says of each target. */
#ifndef FF_CAMPAIGN_CATALOG_H
#define FF_CAMPAIGN_CATALOG_H

#include "campaign/engine.h"
#include "campaign/target.h"
#include "model/result.h"

/* A scenario for one target. */
struct catalog_cell {
  bool applies;
  char *why_not;
  struct expectation expected[ENGINES]; /* none for replay */
};

struct catalog_entry {
  char *name;
  char *path;
  char *summary;
  char *needs;
  char *distribution; /* the name in `needs`, as the index has it */
  char *package;
  struct strlist must_reach;
  struct catalog_cell *cells; /* one for each target it was read with */
};

struct catalog {
  struct catalog_entry *entries;
  size_t count;
  size_t targets;
};

/* The files of scenarios given by name or path; all built-in ones where none is given. */
bool catalog_files(const struct places *places, const struct strlist *wanted, struct strlist *files, struct err *err);

/* Reads the files (never runs them) and holds them against the targets, of which there may be none. */
bool catalog_read(const struct places *places, const struct python *python, const struct strlist *files,
                  const struct target *targets, size_t target_count, struct catalog *catalog, struct err *err);

void catalog_free(struct catalog *catalog);

#endif
