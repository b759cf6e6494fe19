#include "platform/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool err_set(struct err *err, enum err_code code, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  err->code = code;
  vsnprintf(err->msg, sizeof err->msg, fmt, args);
  va_end(args);
  return false;
}

bool err_errno(struct err *err, enum err_code code, const char *fmt, ...) {
  int saved = errno;
  va_list args;
  va_start(args, fmt);
  err->code = code;
  int used = vsnprintf(err->msg, sizeof err->msg, fmt, args);
  va_end(args);
  if (used >= 0 && (size_t)used < sizeof err->msg) {
    snprintf(err->msg + used, sizeof err->msg - (size_t)used, ": %s", strerror(saved));
  }
  return false;
}

bool err_context(struct err *err, const char *fmt, ...) {
  char context[512];
  char old[sizeof err->msg];
  va_list args;
  va_start(args, fmt);
  vsnprintf(context, sizeof context, fmt, args);
  va_end(args);
  memcpy(old, err->msg, sizeof old);
  if (err->code == ERR_NONE) {
    err->code = ERR_HARNESS;
  }
  int used = snprintf(err->msg, sizeof err->msg, "%s: ", context);
  snprintf(err->msg + used, sizeof err->msg - (size_t)used, "%.1500s", old);
  return false;
}
