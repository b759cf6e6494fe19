/* Errors that carry the values and gain context on their way up.
 *
 * A function that can fail returns bool and takes a `struct err *` as its last argument; on false the
 * struct is filled in. The message is one line, names the offending value, and says what to do.
 * Ownership: the caller owns the struct (usually on its stack); nothing in it is allocated.
 * Threading: no shared state. */
#ifndef FF_PLATFORM_ERR_H
#define FF_PLATFORM_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* The numbers are the program's exit codes (docs/results.md): stable. */
enum err_code {
  ERR_NONE = 0,
  ERR_USAGE = 2,   /* the user can mend it: bad option, target, scenario, file */
  ERR_HARNESS = 3, /* flashflood itself failed or could not decide */
};

struct err {
  enum err_code code;
  char msg[2048];
};

#define ERR_INIT                                                                                                       \
  { ERR_NONE, "" }

/* Sets code and message; control bytes in it are shown as escapes, so that it is one line. Always returns false, so
 * that a caller can `return err_set(...)`. */
bool err_set(struct err *err, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same with ": <strerror(errno)>" after the message. */
bool err_errno(struct err *err, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Adds lines below the message, such as the hunk that a patch was refused for. Always returns false. */
bool err_lines(struct err *err, const char *text);

/* Puts "<context>: " before the message that is there. Always returns false. */
bool err_context(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
