/* A report format: the result model in, text out. Each is one file in reports/ that ends in REPORT_FORMAT(...);
 * nothing else has to be touched to add one.
 *
 * Threading: one thread. Errors: a format cannot fail; what it cannot say it leaves out. */
#ifndef FF_REPORTS_FORMAT_H
#define FF_REPORTS_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/result.h"
#include "platform/registry.h"

struct report_style {
  bool colour; /* ANSI colours: a terminal without NO_COLOR */
  int width;   /* columns of the terminal; 80 elsewhere */
};

struct report_format {
  const char *name;    /* as --format takes it */
  const char *file;    /* its name under --out; NULL: standard output */
  const char *summary; /* one line for `flashflood list formats` */
  void (*render)(const struct result *result, const struct report_style *style, struct buf *out);
};

REGISTRY_DECLARE(formats, struct report_format);

#define REPORT_FORMAT(variable) REGISTRY_ADD(formats, struct report_format, variable)

#endif
