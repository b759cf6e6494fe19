/* The Python helper scripts, run as child processes: what PyPI, pip, PEP 440 and Python's grammar know better. */
#ifndef FF_CAMPAIGN_HELPER_H
#define FF_CAMPAIGN_HELPER_H

#include <jansson.h>

#include "campaign/places.h"

/* Runs argv to its end and gives its standard output as JSON (the caller's). What it says on standard error by
 * `error: …` becomes the error, other lines go to `said` as they come. SIGINT ends it. */
json_t *helper_json(const struct strlist *argv, const char *input, void (*said)(void *arg, const char *line),
                    void *said_arg, struct err *err);

/* The folder name of workers for that interpreter. */
bool helper_python_tag(const struct places *places, const char *interpreter, struct buf *out, struct err *err);

#endif
