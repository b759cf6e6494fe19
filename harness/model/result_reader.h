/* The parts of the reader of result.json: result_read.c has what holds others, result_read_values.c what does not. */
#ifndef FF_MODEL_RESULT_READER_H
#define FF_MODEL_RESULT_READER_H

#include <jansson.h>
#include <stdbool.h>

#include "model/result_fields.h"
#include "platform/err.h"

#define RESULT_REMEDY "give a result.json as flashflood wrote it, or run the campaign again"

/* Where in the file: a chain on the stack that only an error follows. */
struct place {
  const struct place *up;
  const char *key; /* NULL: an element of an array */
  size_t index;
};

struct reader {
  const char *name;
  struct err *err;
};

/* Both return false. `problem`, which may hold text from the file, is taken. */
bool value_fail(const struct reader *reader, const struct place *place, char *problem);
bool value_wrong_type(const struct reader *reader, const struct place *place, const char *want, const json_t *value);

bool value_text(const struct reader *reader, const struct place *place, const json_t *value, bool or_null, char **text);
bool value_word(const struct reader *reader, const struct place *place, const json_t *value, const struct field *field,
                char **text);
bool value_count(const struct reader *reader, const struct place *place, const json_t *value, uint64_t *count);
bool value_count_or_null(const struct reader *reader, const struct place *place, const json_t *value, int64_t *count);
bool value_seconds(const struct reader *reader, const struct place *place, const json_t *value, double *seconds);
bool value_bool(const struct reader *reader, const struct place *place, const json_t *value, bool *flag);
bool value_tristate(const struct reader *reader, const struct place *place, const json_t *value,
                    enum tristate *tristate);
bool value_kind(const struct reader *reader, const struct place *place, const json_t *value, enum finding_kind *kind);
bool value_verdict(const struct reader *reader, const struct place *place, const json_t *value, enum verdict *verdict);
bool value_kinds(const struct reader *reader, const struct place *place, const json_t *value, bool *kinds);
bool value_texts(const struct reader *reader, const struct place *place, const json_t *value, struct strlist *list);

#endif
