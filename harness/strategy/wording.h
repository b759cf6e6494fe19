/* Words that the claims of several strategies share. */
#ifndef FF_STRATEGY_WORDING_H
#define FF_STRATEGY_WORDING_H

#include <stdint.h>

struct wording_count {
  char text[32];
};

struct wording_count wording_count(uint64_t n); /* 1204 is "1,204" */

static inline const char *wording_s(uint64_t n) { return n == 1 ? "" : "s"; } /* the plural's s */

#endif
