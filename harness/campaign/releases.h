/* Which releases of a package there are. */
#ifndef FF_CAMPAIGN_RELEASES_H
#define FF_CAMPAIGN_RELEASES_H

#include "campaign/helper.h"

struct release {
  char *version;
  char *uploaded; /* "2025-12-02T…"; NULL where the index does not say */
  bool yanked;
  bool wheel; /* it has one */
};

struct releases {
  struct release *items; /* newest first: by date of upload, or by version where the index has no dates */
  size_t count;
};

/* `specifier`: versions as PEP 440 has them, or "all"; NULL is that too. Asks the index. */
bool releases_list(const struct places *places, const struct python *python, const char *name, const char *specifier,
                   void (*said)(void *arg, const char *line), void *said_arg, struct releases *releases,
                   struct err *err);
void releases_free(struct releases *releases);

#endif
