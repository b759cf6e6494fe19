#include <stdlib.h>

#include "cli/options.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "model/result_json.h"
#include "platform/fs.h"

static bool read_result(const char *path, struct result *result, struct err *err) {
  struct buf text = {0};
  bool ok = fs_read(path, &text, err) && result_from_json(buf_text(&text), text.len, path, result, err);
  buf_free(&text);
  return ok;
}

static int run(int argc, char **argv, struct err *err) {
  struct cli_options options;
  struct result result = {0};
  int code = ERR_USAGE;
  options_defaults(&options, OPTIONS_REPORT, 1, err);
  bool ok = options_parse("RESULT.json",
                          "Render the reports of an earlier run again, from its result.json.\n\v"
                          "Example:\n  flashflood report out/result.json --format markdown",
                          argc, argv, &options);
  if (ok && options.arguments.count != 1) {
    ok = err_set(err, ERR_USAGE, "report takes one RESULT.json, not %zu arguments", options.arguments.count);
  }
  ok = ok && read_result(options.arguments.items[0], &result, err) && output_check(&options.output, err) &&
       output_write(&options.output, &result, false, err);
  if (ok) {
    code = 0;
  }
  result_free(&result);
  options_free(&options);
  return options.help ? 0 : code;
}

static const struct verb report = {"report", "the reports of an earlier run, rendered again", run};
VERB(report);
