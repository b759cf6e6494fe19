/* result.json, read back: model/result_fields.c says what has to stand in it. Fields that it does not name are passed
 * over, as a later version may add some without raising the schema's number. */
#include <jansson.h>
#include <stdlib.h>

#include "model/result_fields.h"
#include "model/result_json.h"
#include "model/text.h"
#include "platform/mem.h"

#define REMEDY "give a result.json as flashflood wrote it, or run the campaign again"

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

static void write_place(const struct place *place, struct buf *out) {
  if (place->up) {
    write_place(place->up, out);
  }
  if (place->key) {
    buf_printf(out, "%s%s", out->len ? "." : "", place->key);
  } else {
    buf_printf(out, "[%zu]", place->index);
  }
}

/* Takes `problem`, which may hold text from the file. */
static bool fail(const struct reader *reader, const struct place *place, char *problem) {
  struct buf where = {0};
  write_place(place, &where);
  char *shown = text_shown(problem);
  err_set(reader->err, ERR_USAGE, "'%s': %s: %.600s: " REMEDY, reader->name, buf_text(&where), shown);
  free(shown);
  free(problem);
  buf_free(&where);
  return false;
}

static const char *type_name(const json_t *value) {
  static const char *const NAMES[] = {"an object", "an array", "text",  "a whole number",
                                      "a number",  "true",     "false", "null"};
  return NAMES[json_typeof(value)];
}

static bool wrong_type(const struct reader *reader, const struct place *place, const char *want, const json_t *value) {
  return fail(reader, place, mem_printf("%s is needed here, not %s", want, type_name(value)));
}

static bool read_text(const struct reader *reader, const struct place *place, const json_t *value, bool or_null,
                      char **text) {
  if (or_null && json_is_null(value)) {
    return true;
  }
  if (!json_is_string(value)) {
    return wrong_type(reader, place, or_null ? "text or null" : "text", value);
  }
  *text = mem_dup(json_string_value(value));
  return true;
}

static bool unknown_word(const struct reader *reader, const struct place *place, const char *word,
                         const struct strlist *words) {
  char *known = strlist_join(words, ", ");
  char *problem = mem_printf("'%.200s' is none of %s", word, known);
  free(known);
  return fail(reader, place, problem);
}

static bool read_word(const struct reader *reader, const struct place *place, const json_t *value,
                      const struct field *field, char **text) {
  bool or_null = field->shape == SHAPE_WORD_OR_NULL;
  if (!read_text(reader, place, value, or_null, text)) {
    return false;
  }
  if (!*text) {
    return true;
  }
  struct strlist words = {0};
  for (size_t i = 0; field->words[i]; i++) {
    strlist_add(&words, field->words[i]);
  }
  bool ok = strlist_has(&words, *text) || unknown_word(reader, place, *text, &words);
  strlist_free(&words);
  return ok;
}

static bool read_count(const struct reader *reader, const struct place *place, const json_t *value, uint64_t *count) {
  if (!json_is_integer(value)) {
    return wrong_type(reader, place, "a whole number", value);
  }
  if (json_integer_value(value) < 0) {
    return fail(reader, place, mem_printf("%lld is below 0", (long long)json_integer_value(value)));
  }
  *count = (uint64_t)json_integer_value(value);
  return true;
}

static bool read_count_or_null(const struct reader *reader, const struct place *place, const json_t *value,
                               int64_t *count) {
  uint64_t read = 0;
  *count = -1;
  if (json_is_null(value)) {
    return true;
  }
  if (!read_count(reader, place, value, &read)) {
    return false;
  }
  *count = (int64_t)read;
  return true;
}

static bool read_seconds(const struct reader *reader, const struct place *place, const json_t *value, double *seconds) {
  if (!json_is_number(value)) {
    return wrong_type(reader, place, "a number", value);
  }
  *seconds = json_number_value(value);
  return *seconds >= 0 || fail(reader, place, mem_printf("%g is below 0", *seconds));
}

static bool read_bool(const struct reader *reader, const struct place *place, const json_t *value, bool *flag) {
  *flag = json_is_true(value);
  return json_is_boolean(value) || wrong_type(reader, place, "true or false", value);
}

static bool read_tristate(const struct reader *reader, const struct place *place, const json_t *value,
                          enum tristate *tristate) {
  *tristate = json_is_null(value) ? TRI_UNKNOWN : json_is_true(value) ? TRI_TRUE : TRI_FALSE;
  return json_is_null(value) || json_is_boolean(value) || wrong_type(reader, place, "true, false or null", value);
}

static bool read_kind(const struct reader *reader, const struct place *place, const json_t *value,
                      enum finding_kind *kind) {
  if (!json_is_string(value)) {
    return wrong_type(reader, place, "a kind of finding", value);
  }
  if (finding_kind_parse(json_string_value(value), kind)) {
    return true;
  }
  struct strlist known = {0};
  for (int i = 0; i < FINDING_KINDS; i++) {
    strlist_add(&known, finding_kind_name((enum finding_kind)i));
  }
  unknown_word(reader, place, json_string_value(value), &known);
  strlist_free(&known);
  return false;
}

static bool read_verdict(const struct reader *reader, const struct place *place, const json_t *value,
                         enum verdict *verdict) {
  if (!json_is_string(value)) {
    return wrong_type(reader, place, "a verdict", value);
  }
  return verdict_parse(json_string_value(value), verdict) ||
         fail(reader, place, mem_printf("'%.200s' is none of pass, fail, inconclusive", json_string_value(value)));
}

static bool read_kinds(const struct reader *reader, const struct place *place, const json_t *value, bool *kinds) {
  if (!json_is_array(value)) {
    return wrong_type(reader, place, "an array", value);
  }
  for (size_t i = 0; i < json_array_size(value); i++) {
    struct place element = {place, NULL, i};
    enum finding_kind kind;
    if (!read_kind(reader, &element, json_array_get(value, i), &kind)) {
      return false;
    }
    kinds[kind] = true;
  }
  return true;
}

static bool read_texts(const struct reader *reader, const struct place *place, const json_t *value,
                       struct strlist *list) {
  if (!json_is_array(value)) {
    return wrong_type(reader, place, "an array", value);
  }
  for (size_t i = 0; i < json_array_size(value); i++) {
    struct place element = {place, NULL, i};
    const json_t *item = json_array_get(value, i);
    if (!json_is_string(item)) {
      return wrong_type(reader, &element, "text", item);
    }
    strlist_add(list, json_string_value(item));
  }
  return true;
}

static bool read_object(const struct reader *reader, const struct place *place, const json_t *value,
                        const struct record *record, void *into);

static bool read_array(const struct reader *reader, const struct place *place, const json_t *value,
                       const struct field *field, char *into) {
  if (!json_is_array(value)) {
    return wrong_type(reader, place, "an array", value);
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

static bool read_value(const struct reader *reader, const struct place *place, const json_t *value,
                       const struct field *field, char *into) {
  void *at = into + field->offset;
  switch (field->shape) {
  case SHAPE_TEXT:
  case SHAPE_TEXT_OR_NULL:
    return read_text(reader, place, value, field->shape == SHAPE_TEXT_OR_NULL, at);
  case SHAPE_WORD:
  case SHAPE_WORD_OR_NULL:
    return read_word(reader, place, value, field, at);
  case SHAPE_COUNT:
    return read_count(reader, place, value, at);
  case SHAPE_COUNT_OR_NULL:
    return read_count_or_null(reader, place, value, at);
  case SHAPE_SECONDS:
    return read_seconds(reader, place, value, at);
  case SHAPE_BOOL:
    return read_bool(reader, place, value, at);
  case SHAPE_TRISTATE:
    return read_tristate(reader, place, value, at);
  case SHAPE_KIND:
    return read_kind(reader, place, value, at);
  case SHAPE_KINDS:
    return read_kinds(reader, place, value, at);
  case SHAPE_VERDICT:
    return read_verdict(reader, place, value, at);
  case SHAPE_TEXTS:
    return read_texts(reader, place, value, at);
  case SHAPE_OBJECT_OR_NULL:
    return read_object_or_null(reader, place, value, field->record, at);
  case SHAPE_OBJECT:
    return read_object(reader, place, value, field->record, at);
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
      return fail(reader, &member, mem_dup("is missing"));
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
                               : wrong_type(reader, place, "an object", value);
}

static bool read_header(const struct reader *reader, const json_t *root, char **tool) {
  const json_t *header = json_object_get(root, RESULT_HEADER);
  const json_t *schema = json_object_get(header, "schema");
  if (!json_is_integer(schema)) {
    return err_set(reader->err, ERR_USAGE, "'%s': not a result of flashflood (no %s.schema): " REMEDY, reader->name,
                   RESULT_HEADER);
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
    return fail(reader, &place, mem_printf("there is no schema %lld", number));
  }
  place.key = "tool";
  const json_t *value = json_object_get(header, "tool");
  return value ? read_text(reader, &place, value, false, tool) : fail(reader, &place, mem_dup("is missing"));
}

static bool not_json(const char *name, size_t len, const json_error_t *error, struct err *err) {
  if (len == 0) {
    return err_set(err, ERR_USAGE, "'%s': the file is empty: " REMEDY, name);
  }
  if (json_error_code(error) == json_error_premature_end_of_input) {
    return err_set(err, ERR_USAGE, "'%s', line %d: the file is cut short: " REMEDY, name, error->line);
  }
  char *shown = text_shown(error->text);
  err_set(err, ERR_USAGE, "'%s', line %d, column %d: not JSON (%s): " REMEDY, name, error->line, error->column, shown);
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
