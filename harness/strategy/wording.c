#include "strategy/wording.h"

#include <inttypes.h>
#include <stdio.h>

struct wording_count wording_count(uint64_t n) {
  char digits[24];
  struct wording_count count;
  int length = snprintf(digits, sizeof digits, "%" PRIu64, n), used = 0;
  for (int i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) {
      count.text[used++] = ',';
    }
    count.text[used++] = digits[i];
  }
  count.text[used] = '\0';
  return count;
}
