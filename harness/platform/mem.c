#include "platform/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *memory) {
  if (!memory) {
    fputs("flashflood: out of memory\n", stderr);
    abort();
  }
  return memory;
}

void *mem_alloc(size_t size) { return or_die(calloc(1, size ? size : 1)); }

void *mem_grow(void *old, size_t size) { return or_die(realloc(old, size ? size : 1)); }

char *mem_dup(const char *text) { return text ? or_die(strdup(text)) : NULL; }

char *mem_dupn(const char *text, size_t n) { return or_die(strndup(text, n)); }

char *mem_printf(const char *fmt, ...) {
  char *text = NULL;
  va_list args;
  va_start(args, fmt);
  int used = vasprintf(&text, fmt, args);
  va_end(args);
  return or_die(used < 0 ? NULL : text);
}
