/* Where results go: result.json first, then each format that was asked for. */
#ifndef FF_CLI_OUTPUT_H
#define FF_CLI_OUTPUT_H

#include "cli/options.h"

/* Before anything long runs: can the folder be written? Makes it. */
bool output_check(const struct output_options *options, struct err *err);

/* `with_result` false: result.json is where it was read from, and is not written again. */
bool output_write(const struct output_options *options, const struct result *result, bool with_result, struct err *err);

#endif
