/* The result file, field by field, in the order in which it is written: one table that the writer and the reader both
 * walk, so that neither can know a field that the other does not. docs/result.schema.json says the same to others. */
#ifndef FF_MODEL_RESULT_FIELDS_H
#define FF_MODEL_RESULT_FIELDS_H

#include <stddef.h>

#include "model/result.h"

enum shape {
  SHAPE_TEXT,         /* char *; NULL is written as "" */
  SHAPE_TEXT_OR_NULL, /* char * */
  SHAPE_WORD,         /* char *, one of `words`; NULL is written as the first */
  SHAPE_WORD_OR_NULL,
  SHAPE_COUNT,         /* uint64_t */
  SHAPE_COUNT_OR_NULL, /* int64_t, -1 for null */
  SHAPE_SECONDS,       /* double, to the millisecond */
  SHAPE_BOOL,
  SHAPE_TRISTATE, /* true, false, null */
  SHAPE_KIND,     /* enum finding_kind */
  SHAPE_KINDS,    /* bool [FINDING_KINDS] */
  SHAPE_VERDICT,
  SHAPE_TEXTS,          /* struct strlist */
  SHAPE_OBJECT,         /* a struct of `record`, in place */
  SHAPE_OBJECT_OR_NULL, /* the same, null where its first field, which is a text, is NULL */
  SHAPE_OWNED_OR_NULL,  /* a pointer to one struct of `record`, or NULL */
  SHAPE_ARRAY,          /* a pointer to structs of `record`; their number is at `count_offset` */
};

struct field {
  const char *key;
  enum shape shape;
  size_t offset;
  const struct record *record;
  size_t count_offset;
  const char *const *words; /* NULL-terminated */
};

struct record {
  size_t size;
  const struct field *fields;
  size_t field_count;
};

extern const struct record RESULT_RECORD;

/* The file's first member, by which it is known: {"schema": RESULT_SCHEMA, "tool": result->tool}. */
#define RESULT_HEADER "flashflood"

#endif
