/* A TARGET: a release from PyPI, the same with patches, or a folder that holds the package. */
#ifndef FF_CAMPAIGN_TARGET_H
#define FF_CAMPAIGN_TARGET_H

#include "campaign/helper.h"

struct target {
  char *text;                 /* as it was asked for */
  char *name;                 /* of the distribution; NULL for a folder without metadata */
  char *version;              /* NULL likewise */
  char *folder;               /* NULL for a release */
  struct strlist patches;     /* files */
  struct strlist patch_names; /* their base names */
  struct strlist packages;    /* import packages that a folder holds */
  struct strlist paths;       /* sys.path, once resolved */
  char *sha256;               /* of the wheel, once resolved; NULL for a folder */
  size_t python;              /* which of the plan's it is resolved for */
  char *why_not;              /* why it cannot be had (target_resolve_many) */
  bool passing;               /* and that is this moment's trouble, not the release's */
};

/* Reads NAME==VERSION[+PATCH…] or a folder. Needs no network. */
bool target_parse(const char *text, struct target *target, struct err *err);

/* Fetches, unpacks and patches as needed: fills in paths, name and version. `packages`: what a folder must hold one of.
 */
bool target_resolve(struct target *target, const struct places *places, const struct python *python,
                    const struct strlist *packages, void (*said)(void *arg, const char *line), void *said_arg,
                    struct err *err);

/* The releases among the targets that are `wanted` (one for each), for that one of the plan's Pythons, in one go. What
 * cannot be had has `why_not`, and is no error. */
bool target_resolve_many(struct target *targets, size_t count, const bool *wanted, size_t python_index,
                         const struct places *places, const struct python *python,
                         void (*said)(void *arg, const char *line), void *said_arg, struct err *err);

void target_free(struct target *target);

#endif
