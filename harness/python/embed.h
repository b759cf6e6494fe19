/* The interpreter, embedded: the very library of the Python that the worker was built for, with its standard library,
 * nothing of its site-packages, and a fixed hash seed. All calls: with the GIL held, but for embed_start(). */
#ifndef FF_PYTHON_EMBED_H
#define FF_PYTHON_EMBED_H

#include "python/python.h"

#include "platform/buf.h"
#include "platform/err.h"

/* Starts the interpreter on the calling thread, which then holds the GIL and is Python's main thread. */
bool embed_start(const char *interpreter, struct err *err);

/* Puts the folders before the standard library, in order, and `last` (the scenario's own folder) behind it. */
bool embed_set_paths(const struct strlist *paths, const char *last, struct err *err);

/* Python's tracebacks of all threads go to `fd` on a crash and on SIGUSR1 (faulthandler). */
bool embed_watch_crashes(int fd, struct err *err);

/* "CPython 3.11.2 (main, …) [GCC 12.2.0]"; the caller's. */
char *embed_describe(void);

/* The folder of the standard library; the caller's. */
char *embed_stdlib(void);

/* Whether the interpreter has a GIL now: a free-threaded one has none until it imports an extension that needs one. */
bool embed_has_gil(void);

bool embed_set_switch_interval(double seconds, struct err *err);

/* Turns the exception that is set into `err` ("ImportError: no module named …") and clears it. Returns false. */
bool embed_error(struct err *err, enum err_code code, const char *doing);

/* An attribute that may not be there: NULL then, and where it is None. A new reference; no exception is left. */
PyObject *embed_attribute(PyObject *object_or_null, const char *name);

#endif
