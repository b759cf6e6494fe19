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
};

/* Reads NAME==VERSION[+PATCH…] or a folder. Needs no network. */
bool target_parse(const char *text, struct target *target, struct err *err);

/* Fetches, unpacks and patches as needed: fills in paths, name and version. `packages`: what a folder must hold one of.
 */
bool target_resolve(struct target *target, const struct places *places, const struct python *python,
                    const struct strlist *packages, void (*said)(void *arg, const char *line), void *said_arg,
                    struct err *err);

void target_free(struct target *target);

#endif
