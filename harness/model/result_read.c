/* result.json, read back: model/result_fields.c says what has to stand in it. Fields that it does not name are passed
 * over, as a later version may add some without raising the schema's number. */
#include <stdlib.h>

#include "model/result_json.h"
#include "model/result_reader.h"
#include "model/text.h"
#include "platform/mem.h"

static bool read_object(const struct reader *reader, const struct place *place, const json_t *value,
                        const struct record *record, void *into);

static bool read_array(const struct reader *reader, const struct place *place, const json_t *value,
                       const struct field *field, char *into) {
  if (!json_is_array(value)) {
    return value_wrong_type(reader, place, "an array", value);
  }
  size_t count = json_array_size(value);
  char *elements = count ? mem_alloc(count * field->record->size) : NULL;
  *(char **)(void *)(into + field->offset) = elements;
  *(size_t *)(void *)(into + field->count_offset) = count; /* whole from here on: result_free() takes zeroed ones */
  for (size_t i = 0; i < count; i++) {
    struct place element = {place, NULL, i};
    if (!read_object(reader, &element, json_array_get(value, i), field->record, elements + i * field->record->size)) {
      return false;
    }
  }
  return true;
}

/* The fields of an object that is null, where that is not all zero. */
static void set_absent(const struct record *record, char *into) {
  for (size_t i = 0; i < record->field_count; i++) {
    void *at = into + record->fields[i].offset;
    if (record->fields[i].shape == SHAPE_TRISTATE) {
      *(enum tristate *)at = TRI_UNKNOWN;
    } else if (record->fields[i].shape == SHAPE_COUNT_OR_NULL) {
      *(int64_t *)at = -1;
    }
  }
}

static bool read_object_or_null(const struct reader *reader, const struct place *place, const json_t *value,
                                const struct record *record, char *into) {
  set_absent(record, into);
  return json_is_null(value) || read_object(reader, place, value, record, into);
}

static bool read_owned_or_null(const struct reader *reader, const struct place *place, const json_t *value,
                               const struct record *record, void *into) {
  if (json_is_null(value)) {
    return true;
  }
  void *owned = mem_alloc(record->size);
  *(void **)into = owned; /* whole from here on, as in an array */
  return read_object(reader, place, value, record, owned);
}

static bool read_value(const struct reader *reader, const struct place *place, const json_t *value,
                       const struct field *field, char *into) {
  void *at = into + field->offset;
  switch (field->shape) {
  case SHAPE_TEXT:
  case SHAPE_TEXT_OR_NULL:
    return value_text(reader, place, value, field->shape == SHAPE_TEXT_OR_NULL, at);
  case SHAPE_WORD:
  case SHAPE_WORD_OR_NULL:
    return value_word(reader, place, value, field, at);
  case SHAPE_COUNT:
    return value_count(reader, place, value, at);
  case SHAPE_COUNT_OR_NULL:
    return value_count_or_null(reader, place, value, at);
  case SHAPE_SECONDS:
    return value_seconds(reader, place, value, at);
  case SHAPE_BOOL:
    return value_bool(reader, place, value, at);
  case SHAPE_TRISTATE:
    return value_tristate(reader, place, value, at);
  case SHAPE_KIND:
    return value_kind(reader, place, value, at);
  case SHAPE_KINDS:
    return value_kinds(reader, place, value, at);
  case SHAPE_VERDICT:
    return value_verdict(reader, place, value, at);
  case SHAPE_TEXTS:
    return value_texts(reader, place, value, at);
  case SHAPE_OBJECT_OR_NULL:
    return read_object_or_null(reader, place, value, field->record, at);
  case SHAPE_OBJECT:
    return read_object(reader, place, value, field->record, at);
  case SHAPE_OWNED_OR_NULL:
    return read_owned_or_null(reader, place, value, field->record, at);
  case SHAPE_ARRAY:
    return read_array(reader, place, value, field, into);
  }
  return false;
}

static bool read_fields(const struct reader *reader, const struct place *place, const json_t *object,
                        const struct record *record, char *into) {
  for (size_t i = 0; i < record->field_count; i++) {
    const struct field *field = &record->fields[i];
    struct place member = {place, field->key, 0};
    const json_t *value = json_object_get(object, field->key);
    if (!value) {
      return value_fail(reader, &member, mem_dup("is missing"));
    }
    if (!read_value(reader, &member, value, field, into)) {
      return false;
    }
  }
  return true;
}

static bool read_object(const struct reader *reader, const struct place *place, const json_t *value,
                        const struct record *record, void *into) {
  return json_is_object(value) ? read_fields(reader, place, value, record, into)
                               : value_wrong_type(reader, place, "an object", value);
}

static bool read_header(const struct reader *reader, const json_t *root, char **tool) {
  const json_t *header = json_object_get(root, RESULT_HEADER);
  const json_t *schema = json_object_get(header, "schema");
  if (!json_is_integer(schema)) {
    return err_set(reader->err, ERR_USAGE, "'%s': not a result of flashflood (no %s.schema): " RESULT_REMEDY,
                   reader->name, RESULT_HEADER);
  }
  struct place top = {NULL, RESULT_HEADER, 0};
  struct place place = {&top, "schema", 0};
  long long number = (long long)json_integer_value(schema);
  if (number > RESULT_SCHEMA) {
    return err_set(reader->err, ERR_USAGE,
                   "'%s': %s.schema: %lld, and this flashflood reads up to %d: use the newer flashflood that wrote it",
                   reader->name, RESULT_HEADER, number, RESULT_SCHEMA);
  }
  if (number < 1) {
    return value_fail(reader, &place, mem_printf("there is no schema %lld", number));
  }
  place.key = "tool";
  const json_t *value = json_object_get(header, "tool");
  return value ? value_text(reader, &place, value, false, tool) : value_fail(reader, &place, mem_dup("is missing"));
}

static bool not_json(const char *name, size_t len, const json_error_t *error, struct err *err) {
  if (len == 0) {
    return err_set(err, ERR_USAGE, "'%s': the file is empty: " RESULT_REMEDY, name);
  }
  if (json_error_code(error) == json_error_premature_end_of_input) {
    return err_set(err, ERR_USAGE, "'%s', line %d: the file is cut short: " RESULT_REMEDY, name, error->line);
  }
  char *shown = text_shown(error->text);
  err_set(err, ERR_USAGE, "'%s', line %d, column %d: not JSON (%s): " RESULT_REMEDY, name, error->line, error->column,
          shown);
  free(shown);
  return false;
}

bool result_from_json(const char *text, size_t len, const char *name, struct result *result, struct err *err) {
  *result = (struct result){0};
  char *shown = text_shown(name);
  struct reader reader = {shown, err};
  json_error_t error = {0};
  json_t *root = json_loadb(len ? text : "", len, JSON_REJECT_DUPLICATES, &error);
  bool ok = root ? read_header(&reader, root, &result->tool) : not_json(shown, len, &error, err);
  ok = ok && read_fields(&reader, NULL, root, &RESULT_RECORD, (char *)result);
  if (!ok) {
    result_free(result);
  }
  json_decref(root);
  free(shown);
  return ok;
}
