/* Where flashflood's own files are: in a checkout beside build/, or installed under PREFIX. */
#ifndef FF_CAMPAIGN_PLACES_H
#define FF_CAMPAIGN_PLACES_H

#include "platform/buf.h"
#include "platform/err.h"

struct places {
  char *workers;   /* holds <tag>[-tsan]/flashflood-worker and <tag>/venv */
  char *scenarios; /* the built-in ones */
  char *scripts;
  char *cache; /* $XDG_CACHE_HOME/flashflood, or build/cache, or ~/.cache/flashflood where installed */
};

bool places_find(struct places *places, struct err *err);
void places_free(struct places *places);

/* One Python that workers were built for. Paths are the struct's. */
struct python {
  char *asked;        /* as it was asked for; NULL: the one that make built first */
  char *tag;          /* "cpython-3.11.2" */
  char *worker;       /* built without a sanitizer; the same as the next where there can be none */
  char *tsan_worker;  /* with ThreadSanitizer */
  char *venv_python;  /* has pip and packaging */
  char *suppressions; /* for ThreadSanitizer; NULL where the interpreter is not instrumented */
  bool instrumented;  /* built with ThreadSanitizer itself: it has no other worker (scripts/tsan-python) */
  bool free_threaded;
  char
      *missing; /* what is to be done before it can be used, or why it cannot; NULL: nothing (places_python_if_built) */
};

/* `interpreter` is a path, or the version of one that workers were built for ("3.12", "3.12.1", "cpython-3.12.1");
 * NULL: the one that make built first. `tsan`: its worker with ThreadSanitizer must be there too. Errors name the
 * command that builds what is missing. */
bool places_python(const struct places *places, const char *interpreter, bool tsan, struct python *python,
                   struct err *err);
/* The same, but a Python that has no worker is no error: `missing` says so. */
bool places_python_if_built(const struct places *places, const char *interpreter, bool tsan, struct python *python,
                            struct err *err);
void python_free(struct python *python);

/* The tags of all Pythons that workers were built for, sorted. */
void places_pythons(const struct places *places, struct strlist *tags);

#endif
