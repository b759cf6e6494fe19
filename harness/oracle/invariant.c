/* Broken invariants: what the scenario says must hold when all its actors have ended. */
#include <stdlib.h>
#include <string.h>

#include "oracle/oracle.h"
#include "platform/mem.h"

static void enter(const struct oracle_context *context, const char *name) {
  char fingerprint[FINGERPRINT_SIZE];
  const char *parts[] = {context->scenario_name, finding_kind_name(FINDING_INVARIANT), name};
  struct raised raised = {0};
  raised_fetch(&raised);
  fingerprint_of(parts, sizeof parts / sizeof *parts, fingerprint);
  if (!ledger_seen(context->ledger, FINDING_INVARIANT, fingerprint)) {
    struct finding finding = {
        .confirmed = context->confirmed, .reachable = mem_dup(context->reachable), .switches = -1};
    raised_describe(&raised, context->sources, &finding);
    finding.kind = FINDING_INVARIANT;
    finding.fingerprint = mem_dup(fingerprint);
    finding.actor = mem_printf("invariant %s", name);
    ledger_enter(context->ledger, &finding);
    finding_free(&finding);
  }
  raised_free(&raised);
  PyErr_Clear();
}

static void judge(const struct oracle_context *context, PyObject *object) {
  for (size_t i = 0; i < context->scenario->invariants.count; i++) {
    const char *name = context->scenario->invariants.items[i];
    PyObject *result = PyObject_CallMethod(object, name, NULL);
    if (!result) {
      enter(context, name);
    }
    Py_XDECREF(result);
  }
}

static const struct oracle invariant_oracle = {
    .name = "invariant",
    .summary = "the scenario's invariants, checked when all actors have ended",
    .judge = judge,
};
REGISTRY_ADD(oracles, struct oracle, invariant_oracle);
