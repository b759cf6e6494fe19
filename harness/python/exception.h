/* A Python exception read as a finding: its kind, its text, its place in the code under test, its traceback.
 * All calls with the GIL held. */
#ifndef FF_PYTHON_EXCEPTION_H
#define FF_PYTHON_EXCEPTION_H

#include "python/python.h"

#include "model/fingerprint.h"
#include "model/result.h"

/* Where code comes from, so that places are shown without this machine's folders. */
struct sources {
  struct strlist packages; /* "<folder>/arroyo/": what is under test */
  struct strlist prefixes; /* "<folder>/": what is cut off a file's path */
  char *stdlib;            /* "<folder>": shown as "lib" */
};

/* A raised exception, normalised. */
struct raised {
  PyObject *type;
  PyObject *value;
  PyObject *traceback;
};

void raised_fetch(struct raised *raised); /* takes the exception that is set */
void raised_free(struct raised *raised);

/* FINDING_DICT_CHANGED_SIZE for that RuntimeError, also as a free-threaded build words it; else FINDING_EXCEPTION. */
enum finding_kind raised_kind(const struct raised *raised);

/* The fingerprint, without any formatting: cheap enough for an exception that comes ten thousand times. */
void raised_identify(const struct raised *raised, const struct sources *sources, const char *scenario,
                     char fingerprint[FINGERPRINT_SIZE]);

/* Fills in kind, message, where and traceback. */
void raised_describe(const struct raised *raised, const struct sources *sources, struct finding *finding);

/* The qualified name of the outermost function that is not threading's own: the body of the thread. The caller's. */
char *raised_body(const struct raised *raised);

/* The text with this machine's folders cut off. The caller's. */
char *sources_trim(const struct sources *sources, const char *text);

void sources_free(struct sources *sources);

#endif
