/* Between real_sync*.c: which C functions of the interpreter are replaced, and by what. */
#ifndef FF_PYTHON_REAL_SYNC_PARTS_H
#define FF_PYTHON_REAL_SYNC_PARTS_H

#include "python/python.h"

#include <stdbool.h>

typedef PyObject *real_sync_keywords(PyObject *self, PyObject *args, PyObject *kwargs);

#define REAL_SYNC_KEYWORDS (METH_VARARGS | METH_KEYWORDS)
#define REAL_SYNC_FUNCTION(function) ((PyCFunction)(void (*)(void))(function))
#define REAL_SYNC_AS(type, function) ((type *)(void (*)(void))(function))

/* A method or a function. */
struct real_sync_patch {
  const char *name;
  int flags;             /* METH_...: how the interpreter calls the original, and so ours */
  PyCFunction ours;      /* NULL: the original is only wanted */
  PyCFunction *original; /* is filled in; two names of one function share it */
};

/* Where they are, and the type's deallocator. */
struct real_sync_owner {
  const char *module, *type;             /* no type: the functions are the module's own */
  const struct real_sync_patch *patches; /* up to one without a name */
  destructor dealloc, *original_dealloc; /* NULL without a type */
  bool optional;                         /* there are Pythons without this module */
};

/* Each up to one without a module. */
extern const struct real_sync_owner real_sync_objects[];
extern const struct real_sync_owner real_sync_threads[];

#endif
