/* Lists of strings as JSON arrays, both ways: what a job, a target and a scenario's table share. */
#ifndef FF_MODEL_JSON_STRINGS_H
#define FF_MODEL_JSON_STRINGS_H

#include <jansson.h>

#include "platform/buf.h"

json_t *strings_to_json(const struct strlist *list); /* a new reference; strings that are no UTF-8 are left out */
void strings_from_json(const json_t *array, struct strlist *to); /* adds its strings; what is none is passed over */

#endif
