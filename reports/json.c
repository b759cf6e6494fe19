/* The result file itself: what every other report is rendered from. */
#include <stdlib.h>

#include "model/result_json.h"
#include "reports/format.h"

static void render(const struct result *result, const struct report_style *style, struct buf *out) {
  (void)style;
  char *text = result_to_json(result);
  buf_puts(out, text);
  free(text);
}

static const struct report_format json = {
    .name = "json",
    .file = "result.json",
    .summary = "the whole result; its schema is docs/result.schema.json",
    .render = render,
};
REPORT_FORMAT(json);
