/* Data races, as ThreadSanitizer reports them. */
#include "oracle/oracle.h"
#include "tsan/report.h"

static bool watch(const struct oracle_context *context, struct err *err) {
  return tsan_watch_reports(context->records_fd, context->records_lock, context->scenario_name, err);
}

static const struct oracle data_race_oracle = {
    .name = "data-race",
    .summary = "data races that ThreadSanitizer reports",
    .watch = watch,
};
REGISTRY_ADD(oracles, struct oracle, data_race_oracle);
