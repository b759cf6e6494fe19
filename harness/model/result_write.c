/* result.json, written: model/result_fields.c says what stands in it. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/result_fields.h"
#include "model/result_json.h"
#include "model/text.h"
#include "platform/mem.h"

/* jansson returns NULL, and fails to add one, only when memory is out: end as platform/mem.h does. */
static void must(bool ok) {
  if (!ok) {
    fputs("flashflood: out of memory\n", stderr);
    abort();
  }
}

static void set(json_t *object, const char *key, json_t *value) { must(json_object_set_new(object, key, value) == 0); }

static void append(json_t *array, json_t *value) { must(json_array_append_new(array, value) == 0); }

static json_t *write_text(const char *text) {
  char *clean = text_to_utf8(text);
  json_t *value = clean ? json_string(clean) : json_null();
  free(clean);
  return value;
}

/* jansson's integers are signed. Seeds are made below 2^53, so that a browser can read them too. */
static json_t *write_count(uint64_t count) { return json_integer(count > INT64_MAX ? INT64_MAX : (json_int_t)count); }

static json_t *write_seconds(double seconds) {
  bool sane = seconds > 0 && seconds < 1e12; /* neither of them holds for a NaN */
  return json_real(sane ? (double)(uint64_t)(seconds * 1000 + 0.5) / 1000 : 0.0);
}

static json_t *write_tristate(enum tristate value) {
  return value == TRI_UNKNOWN ? json_null() : json_boolean(value == TRI_TRUE);
}

static json_t *write_texts(const struct strlist *list) {
  json_t *array = json_array();
  for (size_t i = 0; i < list->count; i++) {
    append(array, write_text(list->items[i]));
  }
  return array;
}

static json_t *write_kinds(const bool *kinds) {
  json_t *array = json_array();
  for (int kind = 0; kind < FINDING_KINDS; kind++) {
    if (kinds[kind]) {
      append(array, json_string(finding_kind_name((enum finding_kind)kind)));
    }
  }
  return array;
}

static void write_fields(json_t *object, const struct record *record, const void *from);

static json_t *write_object(const struct record *record, const void *from) {
  json_t *object = json_object();
  write_fields(object, record, from);
  return object;
}

static json_t *write_array(const struct field *field, const char *from, const char *elements) {
  json_t *array = json_array();
  size_t count = *(const size_t *)(const void *)(from + field->count_offset);
  for (size_t i = 0; i < count; i++) {
    append(array, write_object(field->record, elements + i * field->record->size));
  }
  return array;
}

/* Its first field, which is a text: NULL where the whole object is null. */
static const char *first_text(const struct record *record, const char *from) {
  return *(char *const *)(const void *)(from + record->fields[0].offset);
}

static json_t *write_value(const struct field *field, const char *from) {
  const void *at = from + field->offset;
  const char *text = field->shape <= SHAPE_WORD_OR_NULL ? *(char *const *)at : NULL;
  switch (field->shape) {
  case SHAPE_TEXT:
    return write_text(text ? text : "");
  case SHAPE_WORD:
    return write_text(text ? text : field->words[0]);
  case SHAPE_TEXT_OR_NULL:
  case SHAPE_WORD_OR_NULL:
    return write_text(text);
  case SHAPE_COUNT:
    return write_count(*(const uint64_t *)at);
  case SHAPE_COUNT_OR_NULL:
    return *(const int64_t *)at < 0 ? json_null() : json_integer(*(const int64_t *)at);
  case SHAPE_SECONDS:
    return write_seconds(*(const double *)at);
  case SHAPE_BOOL:
    return json_boolean(*(const bool *)at);
  case SHAPE_TRISTATE:
    return write_tristate(*(const enum tristate *)at);
  case SHAPE_KIND:
    return json_string(finding_kind_name(*(const enum finding_kind *)at));
  case SHAPE_KINDS:
    return write_kinds(at);
  case SHAPE_VERDICT:
    return json_string(verdict_name(*(const enum verdict *)at));
  case SHAPE_TEXTS:
    return write_texts(at);
  case SHAPE_OBJECT_OR_NULL:
    return first_text(field->record, at) ? write_object(field->record, at) : json_null();
  case SHAPE_OBJECT:
    return write_object(field->record, at);
  case SHAPE_OWNED_OR_NULL:
    return *(void *const *)at ? write_object(field->record, *(void *const *)at) : json_null();
  case SHAPE_ARRAY:
    return write_array(field, from, *(char *const *)at);
  }
  return NULL;
}

static void write_fields(json_t *object, const struct record *record, const void *from) {
  for (size_t i = 0; i < record->field_count; i++) {
    set(object, record->fields[i].key, write_value(&record->fields[i], from));
  }
}

char *result_to_json(const struct result *result) {
  json_t *root = json_object();
  json_t *header = json_object();
  set(header, "schema", json_integer(RESULT_SCHEMA));
  set(header, "tool", write_text(result->tool ? result->tool : ""));
  set(root, RESULT_HEADER, header);
  write_fields(root, &RESULT_RECORD, result);
  char *json = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
  json_decref(root);
  must(json != NULL);
  struct buf out = {0};
  buf_puts(&out, json);
  buf_puts(&out, "\n");
  free(json);
  return buf_take(&out);
}
