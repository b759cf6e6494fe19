#include "model/fingerprint.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "platform/buf.h"

static uint64_t mix(uint64_t hash, unsigned char byte) { return (hash ^ byte) * 0x100000001b3u; }

void fingerprint_of(const char *const *parts, size_t count, char out[FINGERPRINT_SIZE]) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < count; i++) {
    for (const char *p = parts[i]; p && *p; p++) {
      hash = mix(hash, (unsigned char)*p);
    }
    hash = mix(hash, parts[i] ? 0 : 1);
  }
  snprintf(out, FINGERPRINT_SIZE, "%016" PRIx64, hash);
}

static const char *skip_number(const char *p) {
  if (p[0] == '0' && p[1] == 'x' && isxdigit((unsigned char)p[2])) {
    p += 2;
    while (isxdigit((unsigned char)*p)) {
      p++;
    }
    return p;
  }
  while (isdigit((unsigned char)*p)) {
    p++;
  }
  return p;
}

char *fingerprint_fold(const char *text) {
  struct buf out = {0};
  while (*text) {
    if (isdigit((unsigned char)*text)) {
      buf_puts(&out, "#");
      text = skip_number(text);
    } else {
      buf_add(&out, text++, 1);
    }
  }
  return buf_take(&out);
}
