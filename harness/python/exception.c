#include "python/exception.h"

#include <frameobject.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

enum { MESSAGE_MOST = 4 * 1024, TRACEBACK_MOST = 32 * 1024 }; /* bytes of a finding's texts */

void raised_fetch(struct raised *raised) {
  PyErr_Fetch(&raised->type, &raised->value, &raised->traceback);
  PyErr_NormalizeException(&raised->type, &raised->value, &raised->traceback);
  if (raised->value && raised->traceback) {
    PyException_SetTraceback(raised->value, raised->traceback);
  }
}

void raised_free(struct raised *raised) {
  Py_XDECREF(raised->type);
  Py_XDECREF(raised->value);
  Py_XDECREF(raised->traceback);
  *raised = (struct raised){0};
}

static char *text_of(PyObject *object) {
  PyObject *text = object ? PyObject_Str(object) : NULL;
  PyObject *bytes = text ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
  char *copy = mem_dup(bytes ? PyBytes_AsString(bytes) : "(its text cannot be shown)");
  Py_XDECREF(bytes);
  Py_XDECREF(text);
  PyErr_Clear();
  return copy;
}

static char *attribute_text(PyObject *object, const char *name) {
  PyObject *value = object ? PyObject_GetAttrString(object, name) : NULL;
  char *text = value ? text_of(value) : NULL;
  Py_XDECREF(value);
  PyErr_Clear();
  return text;
}

enum finding_kind raised_kind(const struct raised *raised) {
  if (!raised->type || !PyErr_GivenExceptionMatches(raised->type, PyExc_RuntimeError)) {
    return FINDING_EXCEPTION;
  }
  char *text = text_of(raised->value);
  bool changed = strstr(text, "dictionary changed size during iteration") != NULL ||
                 strstr(text, "dictionary keys changed during iteration") != NULL;
  free(text);
  return changed ? FINDING_DICT_CHANGED_SIZE : FINDING_EXCEPTION;
}

/* One entry of a traceback. The strings are the struct's. */
struct place {
  char *file;
  char *name;      /* "flush" */
  char *qualified; /* "MetricsBuffer.flush" where Python knows it (3.11 on), else the plain name */
  long line;
  long first_line;
};

static void place_free(struct place *place) {
  free(place->file);
  free(place->name);
  free(place->qualified);
  *place = (struct place){0};
}

static long attribute_long(PyObject *object, const char *name) {
  PyObject *value = PyObject_GetAttrString(object, name);
  long number = value ? PyLong_AsLong(value) : 0;
  Py_XDECREF(value);
  PyErr_Clear();
  return number;
}

static struct place place_of(PyObject *traceback) {
  struct place place = {0};
  PyObject *frame = PyObject_GetAttrString(traceback, "tb_frame");
  PyObject *code = frame ? PyObject_GetAttrString(frame, "f_code") : NULL;
  place.line = attribute_long(traceback, "tb_lineno");
  if (code) {
    place.file = attribute_text(code, "co_filename");
    place.name = attribute_text(code, "co_name");
    place.qualified = attribute_text(code, "co_qualname");
    place.first_line = attribute_long(code, "co_firstlineno");
  }
  if (!place.qualified) {
    place.qualified = mem_dup(place.name);
  }
  Py_XDECREF(code);
  Py_XDECREF(frame);
  PyErr_Clear();
  return place;
}

static bool is_threading(const char *file) {
  const char *slash = file ? strrchr(file, '/') : NULL;
  return slash && strcmp(slash, "/threading.py") == 0;
}

/* The innermost place in the package under test, or the innermost of all; and the outermost not in threading.py. */
static void find_places(const struct raised *raised, const struct sources *sources, struct place *inner,
                        struct place *outer) {
  bool in_package = false;
  PyObject *next = raised->traceback;
  Py_XINCREF(next);
  while (next && next != Py_None) {
    struct place place = place_of(next);
    if (outer && !outer->name && !is_threading(place.file)) {
      *outer = (struct place){.name = mem_dup(place.name), .qualified = mem_dup(place.qualified)};
    }
    bool here = sources && strlist_begins(&sources->packages, place.file);
    if (inner && (here || !in_package)) {
      place_free(inner);
      *inner = place;
      in_package = here;
    } else {
      place_free(&place);
    }
    PyObject *deeper = PyObject_GetAttrString(next, "tb_next");
    Py_DECREF(next);
    next = deeper;
  }
  Py_XDECREF(next);
  PyErr_Clear();
}

static const char *type_name(const struct raised *raised) {
  return raised->type && PyType_Check(raised->type) ? ((PyTypeObject *)raised->type)->tp_name : "exception";
}

void raised_identify(const struct raised *raised, const struct sources *sources, const char *scenario,
                     char fingerprint[FINGERPRINT_SIZE]) {
  struct place inner = {0}, outer = {0};
  find_places(raised, sources, &inner, &outer);
  char *text = text_of(raised->value);
  char *folded = fingerprint_fold(text);
  char *file = sources_trim(sources, inner.file ? inner.file : "");
  char *offset = mem_printf("%ld", inner.line - inner.first_line);
  const char *parts[] = {
      scenario,  finding_kind_name(raised_kind(raised)), type_name(raised), folded, file, inner.name, offset,
      outer.name};
  fingerprint_of(parts, sizeof parts / sizeof *parts, fingerprint);
  free(offset);
  free(file);
  free(folded);
  free(text);
  place_free(&inner);
  place_free(&outer);
}

static char *format_traceback(const struct raised *raised) {
  PyObject *module = PyImport_ImportModule("traceback");
  PyObject *lines = NULL, *empty = PyUnicode_FromString(""), *joined = NULL;
  if (module && raised->type) {
    lines =
        PyObject_CallMethod(module, "format_exception", "OOO", raised->type, raised->value ? raised->value : Py_None,
                            raised->traceback ? raised->traceback : Py_None);
  }
  if (lines && empty) {
    joined = PyUnicode_Join(empty, lines);
  }
  char *text = joined ? text_of(joined) : NULL;
  Py_XDECREF(joined);
  Py_XDECREF(empty);
  Py_XDECREF(lines);
  Py_XDECREF(module);
  PyErr_Clear();
  return text;
}

/* Cuts a text that nobody would read to its end; frees it. The caller's. */
static char *clip(char *text, size_t most) {
  size_t len = strlen(text);
  if (len <= most) {
    return text;
  }
  char *start = mem_dupn(text, most);
  char *clipped = mem_printf("%s… (%zu bytes in all)", start, len);
  free(start);
  free(text);
  return clipped;
}

void raised_describe(const struct raised *raised, const struct sources *sources, struct finding *finding) {
  struct place inner = {0};
  find_places(raised, sources, &inner, NULL);
  char *text = text_of(raised->value);
  char *traceback = format_traceback(raised);
  finding->kind = raised_kind(raised);
  finding->message = clip(mem_printf("%s%s%s", type_name(raised), *text ? ": " : "", text), MESSAGE_MOST);
  if (inner.file) {
    char *file = sources_trim(sources, inner.file);
    finding->where = mem_printf("%s:%ld in %s", file, inner.line, inner.qualified);
    free(file);
  }
  finding->traceback = traceback ? clip(sources_trim(sources, traceback), TRACEBACK_MOST) : NULL;
  free(traceback);
  free(text);
  place_free(&inner);
}

char *raised_body(const struct raised *raised) {
  struct place outer = {0};
  find_places(raised, NULL, NULL, &outer);
  char *name = mem_dup(outer.qualified ? outer.qualified : "?");
  place_free(&outer);
  return name;
}

char *sources_trim(const struct sources *sources, const char *text) {
  char *out = mem_dup(text);
  for (size_t i = 0; i < sources->prefixes.count; i++) {
    out = text_replace(out, sources->prefixes.items[i], "");
  }
  if (sources->stdlib && *sources->stdlib) {
    out = text_replace(out, sources->stdlib, "lib");
  }
  return out;
}

void sources_free(struct sources *sources) {
  strlist_free(&sources->packages);
  strlist_free(&sources->prefixes);
  free(sources->stdlib);
}
