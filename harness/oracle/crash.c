/* Crashes of the interpreter: faulthandler says where each thread was; the driver sees the death and makes the
 * finding. The same stacks are asked for by SIGUSR1 when a trial hangs. */
#include "oracle/oracle.h"
#include "python/embed.h"

static bool watch(const struct oracle_context *context, struct err *err) {
  return embed_watch_crashes(context->stacks_fd, err);
}

static const struct oracle crash_oracle = {
    .name = "crash",
    .summary = "crash or hang of the interpreter, with every thread's Python stack",
    .watch = watch,
};
REGISTRY_ADD(oracles, struct oracle, crash_oracle);
