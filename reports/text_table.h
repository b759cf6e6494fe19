/* The text report's table of runs. */
#ifndef FF_REPORTS_TEXT_TABLE_H
#define FF_REPORTS_TEXT_TABLE_H

#include "reports/format.h"

void text_table(const struct result *result, const struct report_style *style, struct buf *out);

#endif
