#include "model/json_strings.h"

json_t *strings_to_json(const struct strlist *list) {
  json_t *array = json_array();
  for (size_t i = 0; i < list->count; i++) {
    json_array_append_new(array, json_string(list->items[i]));
  }
  return array;
}

void strings_from_json(const json_t *array, struct strlist *to) {
  for (size_t i = 0; i < json_array_size(array); i++) {
    const char *text = json_string_value(json_array_get(array, i));
    if (text) {
      strlist_add(to, text);
    }
  }
}
