/* The result model as JSON (docs/result.schema.json), both ways. */
#ifndef FF_MODEL_RESULT_JSON_H
#define FF_MODEL_RESULT_JSON_H

#include "model/result.h"
#include "platform/err.h"

/* Indented, keys in the schema's order, ends in a newline. The text is the caller's. */
char *result_to_json(const struct result *result);

/* `name` stands in messages. A text that is not JSON, is cut short, is not flashflood's, or is of a newer schema is
 * ERR_USAGE; `result` is then empty. */
bool result_from_json(const char *text, size_t len, const char *name, struct result *result, struct err *err);

#endif
