#include "platform/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One line: a value with a newline or an escape in it must not make two of it, nor reach a terminal raw. */
static void escape_controls(struct err *err) {
  char out[sizeof err->msg];
  size_t used = 0;
  for (const char *p = err->msg; *p && used + 5 < sizeof out; p++) {
    unsigned char byte = (unsigned char)*p;
    if (byte == '\n') {
      used += (size_t)snprintf(out + used, sizeof out - used, "\\n");
    } else if (byte < 0x20 || byte == 0x7f) {
      used += (size_t)snprintf(out + used, sizeof out - used, "\\x%02x", byte);
    } else {
      out[used++] = (char)byte;
    }
  }
  out[used] = '\0';
  memcpy(err->msg, out, used + 1);
}

bool err_set(struct err *err, enum err_code code, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  err->code = code;
  vsnprintf(err->msg, sizeof err->msg, fmt, args);
  va_end(args);
  escape_controls(err);
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
  escape_controls(err);
  return false;
}

bool err_context(struct err *err, const char *fmt, ...) {
  struct err old = *err;
  va_list args;
  va_start(args, fmt);
  vsnprintf(err->msg, 512, fmt, args);
  va_end(args);
  escape_controls(err);
  if (err->code == ERR_NONE) {
    err->code = ERR_HARNESS;
  }
  size_t used = strlen(err->msg);
  snprintf(err->msg + used, sizeof err->msg - used, ": %.*s", (int)(sizeof err->msg - used - 3), old.msg);
  return false;
}

bool err_lines(struct err *err, const char *text) {
  size_t used = strlen(err->msg);
  snprintf(err->msg + used, sizeof err->msg - used, "\n%s", text);
  return false;
}
