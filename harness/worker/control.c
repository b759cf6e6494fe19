/* The control: the same actors in an order that cannot race must pass, or the scenario is itself broken. */
#include <stdlib.h>

#include "model/record.h"
#include "model/text.h"
#include "platform/mem.h"
#include "python/module.h"
#include "worker/trial.h"

/* The first finding's words, kept for the record; the control's findings are not the run's. */
static void keep_first(void *arg, const struct finding *finding) {
  char **first = arg;
  if (!*first) {
    *first = mem_printf("%s: %s: %s", finding->actor, finding_kind_name(finding->kind), finding->message);
  }
}

bool control_run(struct worker *worker, bool *passed, struct err *err) {
  char *first = NULL;
  struct ledger ledger = {.listener = keep_first, .listener_arg = &first};
  worker->oracles.ledger = &ledger;
  bool ok = worker->controlled ? explore_control(worker, &ledger, err) : trial_run(worker, false, err);
  worker->oracles.ledger = &worker->ledger;
  *passed = ledger.found == 0;
  ledger_free(&ledger);
  module_forget_reached();
  if (ok) {
    char *clean = first ? text_to_utf8(first) : NULL;
    stream_write(&worker->stream,
                 json_pack("{s:s, s:b, s:s?}", "record", RECORD_CONTROL, "passed", *passed, "message", clean));
    free(clean);
  }
  free(first);
  return ok;
}
