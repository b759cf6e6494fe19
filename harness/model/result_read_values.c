/* The values of result.json that hold no others. */
#include <stdlib.h>

#include "model/result_reader.h"
#include "model/text.h"
#include "platform/mem.h"

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

bool value_fail(const struct reader *reader, const struct place *place, char *problem) {
  struct buf where = {0};
  write_place(place, &where);
  char *shown = text_shown(problem);
  err_set(reader->err, ERR_USAGE, "'%s': %s: %.600s: " RESULT_REMEDY, reader->name, buf_text(&where), shown);
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

bool value_wrong_type(const struct reader *reader, const struct place *place, const char *want, const json_t *value) {
  return value_fail(reader, place, mem_printf("%s is needed here, not %s", want, type_name(value)));
}

bool value_text(const struct reader *reader, const struct place *place, const json_t *value, bool or_null,
                char **text) {
  if (or_null && json_is_null(value)) {
    return true;
  }
  if (!json_is_string(value)) {
    return value_wrong_type(reader, place, or_null ? "text or null" : "text", value);
  }
  *text = mem_dup(json_string_value(value));
  return true;
}

static bool unknown_word(const struct reader *reader, const struct place *place, const char *word,
                         const struct strlist *words) {
  char *known = strlist_join(words, ", ");
  char *problem = mem_printf("'%.200s' is none of %s", word, known);
  free(known);
  return value_fail(reader, place, problem);
}

bool value_word(const struct reader *reader, const struct place *place, const json_t *value, const struct field *field,
                char **text) {
  bool or_null = field->shape == SHAPE_WORD_OR_NULL;
  if (!value_text(reader, place, value, or_null, text)) {
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

bool value_count(const struct reader *reader, const struct place *place, const json_t *value, uint64_t *count) {
  if (!json_is_integer(value)) {
    return value_wrong_type(reader, place, "a whole number", value);
  }
  if (json_integer_value(value) < 0) {
    return value_fail(reader, place, mem_printf("%lld is below 0", (long long)json_integer_value(value)));
  }
  *count = (uint64_t)json_integer_value(value);
  return true;
}

bool value_count_or_null(const struct reader *reader, const struct place *place, const json_t *value, int64_t *count) {
  uint64_t read = 0;
  *count = -1;
  if (json_is_null(value)) {
    return true;
  }
  if (!value_count(reader, place, value, &read)) {
    return false;
  }
  *count = (int64_t)read;
  return true;
}

bool value_seconds(const struct reader *reader, const struct place *place, const json_t *value, double *seconds) {
  if (!json_is_number(value)) {
    return value_wrong_type(reader, place, "a number", value);
  }
  *seconds = json_number_value(value);
  return *seconds >= 0 || value_fail(reader, place, mem_printf("%g is below 0", *seconds));
}

bool value_bool(const struct reader *reader, const struct place *place, const json_t *value, bool *flag) {
  *flag = json_is_true(value);
  return json_is_boolean(value) || value_wrong_type(reader, place, "true or false", value);
}

bool value_tristate(const struct reader *reader, const struct place *place, const json_t *value,
                    enum tristate *tristate) {
  *tristate = json_is_null(value) ? TRI_UNKNOWN : json_is_true(value) ? TRI_TRUE : TRI_FALSE;
  return json_is_null(value) || json_is_boolean(value) || value_wrong_type(reader, place, "true, false or null", value);
}

bool value_kind(const struct reader *reader, const struct place *place, const json_t *value, enum finding_kind *kind) {
  if (!json_is_string(value)) {
    return value_wrong_type(reader, place, "a kind of finding", value);
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

bool value_verdict(const struct reader *reader, const struct place *place, const json_t *value, enum verdict *verdict) {
  if (!json_is_string(value)) {
    return value_wrong_type(reader, place, "a verdict", value);
  }
  return verdict_parse(json_string_value(value), verdict) ||
         value_fail(reader, place,
                    mem_printf("'%.200s' is none of pass, fail, inconclusive", json_string_value(value)));
}

bool value_kinds(const struct reader *reader, const struct place *place, const json_t *value, bool *kinds) {
  if (!json_is_array(value)) {
    return value_wrong_type(reader, place, "an array", value);
  }
  for (size_t i = 0; i < json_array_size(value); i++) {
    struct place element = {place, NULL, i};
    enum finding_kind kind;
    if (!value_kind(reader, &element, json_array_get(value, i), &kind)) {
      return false;
    }
    kinds[kind] = true;
  }
  return true;
}

bool value_texts(const struct reader *reader, const struct place *place, const json_t *value, struct strlist *list) {
  if (!json_is_array(value)) {
    return value_wrong_type(reader, place, "an array", value);
  }
  for (size_t i = 0; i < json_array_size(value); i++) {
    struct place element = {place, NULL, i};
    const json_t *item = json_array_get(value, i);
    if (!json_is_string(item)) {
      return value_wrong_type(reader, &element, "text", item);
    }
    strlist_add(list, json_string_value(item));
  }
  return true;
}
