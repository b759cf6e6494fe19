/* Uncaught exceptions: of actors, and of the threads that the code under test starts itself. */
#include <stdlib.h>

#include "oracle/oracle.h"
#include "platform/mem.h"
#include "python/embed.h"
#include "python/sched.h"

static void take(const struct oracle_context *context, struct raised *raised, const char *actor) {
  char fingerprint[FINGERPRINT_SIZE];
  if (raised->type && PyErr_GivenExceptionMatches(raised->type, sched_unwind_type())) {
    return; /* the schedule is over, and this is how its threads are ended */
  }
  raised_identify(raised, context->sources, context->scenario_name, fingerprint);
  if (ledger_seen(context->ledger, raised_kind(raised), fingerprint)) {
    return;
  }
  struct finding finding = {.confirmed = context->confirmed, .reachable = mem_dup(context->reachable), .switches = -1};
  raised_describe(raised, context->sources, &finding);
  finding.fingerprint = mem_dup(fingerprint);
  finding.actor = mem_dup(actor);
  ledger_enter(context->ledger, &finding);
  finding_free(&finding);
}

void oracle_take_exception(const struct oracle_context *context, const char *actor) {
  struct raised raised = {0};
  raised_fetch(&raised);
  take(context, &raised, actor);
  raised_free(&raised);
  PyErr_Clear();
}

/* threading.excepthook: called on the thread that dies, with (exc_type, exc_value, exc_traceback, thread). */
static PyObject *on_thread_exception(PyObject *capsule, PyObject *args) {
  const struct oracle_context *context = PyCapsule_GetPointer(capsule, "flashflood.oracle");
  struct raised raised = {.type = embed_attribute(args, "exc_type"),
                          .value = embed_attribute(args, "exc_value"),
                          .traceback = embed_attribute(args, "exc_traceback")};
  if (context && raised.type && !PyErr_GivenExceptionMatches(raised.type, PyExc_SystemExit)) {
    char *body = raised_body(&raised);
    char *actor = mem_printf("thread %s", body);
    take(context, &raised, actor);
    free(actor);
    free(body);
  }
  raised_free(&raised);
  Py_RETURN_NONE;
}

static PyMethodDef hook_def = {"excepthook", on_thread_exception, METH_O, NULL};

static bool watch(const struct oracle_context *context, struct err *err) {
  sched_unwind_type(); /* makes it: not when several threads ask for it at once, without a GIL */
  PyObject *threading = PyImport_ImportModule("threading");
  PyObject *capsule = PyCapsule_New((void *)(uintptr_t)context, "flashflood.oracle", NULL);
  PyObject *hook = capsule ? PyCFunction_New(&hook_def, capsule) : NULL;
  bool ok = threading && hook && PyObject_SetAttrString(threading, "excepthook", hook) == 0;
  Py_XDECREF(hook);
  Py_XDECREF(capsule);
  Py_XDECREF(threading);
  return ok || embed_error(err, ERR_HARNESS, "cannot set threading.excepthook");
}

static const struct oracle exception_oracle = {
    .name = "exception",
    .summary = "uncaught exceptions of actors and of threads that the target starts",
    .watch = watch,
};
REGISTRY_ADD(oracles, struct oracle, exception_oracle);
