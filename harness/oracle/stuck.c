/* Deadlocks and schedules that do not end, with where each logical thread is and what it waits for. */
#include "oracle/oracle.h"

#include <frameobject.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "python/sched.h"

/* "Lock of work, held by report": nothing can be said of who holds it but by the stacks; so where and for what. */
static void add_place(struct buf *out, const struct oracle_context *context, PyCodeObject *code, int line) {
  PyObject *file = PyObject_GetAttrString((PyObject *)code, "co_filename");
  PyObject *name = PyObject_GetAttrString((PyObject *)code, "co_name");
  const char *path = file ? PyUnicode_AsUTF8(file) : NULL;
  const char *function = name ? PyUnicode_AsUTF8(name) : NULL;
  char *shown = sources_trim(context->sources, path ? path : "?");
  buf_printf(out, "  File \"%s\", line %d, in %s\n", shown, line, function ? function : "?");
  free(shown);
  Py_XDECREF(name);
  Py_XDECREF(file);
  PyErr_Clear();
}

/* Outermost first, as in a traceback. `where`: the innermost place in the package under test. */
static void add_frames(struct buf *out, const struct oracle_context *context, PyFrameObject *frame, char **where) {
  if (!frame) {
    return;
  }
  PyFrameObject *back = PyFrame_GetBack(frame);
  add_frames(out, context, back, where);
  Py_XDECREF(back);
  PyCodeObject *code = PyFrame_GetCode(frame);
  struct code_info *info = code_map_get((PyObject *)code);
  int line = PyFrame_GetLineNumber(frame);
  add_place(out, context, code, line);
  if (info->watched || !*where) {
    free(*where);
    *where = mem_printf("%s:%d in %s", info->file, line, info->function);
  }
  Py_DECREF(code);
}

static char *describe_thread(const struct oracle_context *context, int index, struct buf *out) {
  char *where = NULL;
  const char *waits = sched_waits_for(index);
  buf_printf(out, "%s %s%s:\n", sched_thread_name(index), waits ? "waits: " : "runs", waits ? waits : "");
  PyFrameObject *frame = PyThreadState_GetFrame(sched_thread_state(index));
  add_frames(out, context, frame, &where);
  Py_XDECREF(frame);
  return where;
}

void oracle_take_stuck(const struct oracle_context *context, bool hang) {
  struct buf stacks = {0}, places = {0};
  struct finding finding = {.kind = hang ? FINDING_HANG : FINDING_DEADLOCK,
                            .confirmed = context->confirmed,
                            .reachable = mem_dup(context->reachable),
                            .switches = -1};
  for (int i = 0; i < sched_thread_count(); i++) {
    if (sched_has_ended(i)) {
      continue;
    }
    char *where = describe_thread(context, i, &stacks);
    if (!sched_is_daemon(i) || sched_is_actor(i)) {
      buf_printf(&places, "%s%s at %s", places.len ? ", " : "", sched_thread_name(i), where ? where : "?");
      if (!finding.actor) {
        finding.actor = mem_dup(sched_thread_name(i));
        finding.where = mem_dup(where);
      }
    }
    free(where);
  }
  finding.message = hang ? mem_printf("the schedule does not end: more than %llu switch points; %s",
                                      (unsigned long long)sched_steps() - 1, buf_text(&places))
                         : mem_printf("every thread waits, none with a deadline: %s", buf_text(&places));
  finding.traceback = buf_take(&stacks);
  char fingerprint[FINGERPRINT_SIZE];
  char *folded = fingerprint_fold(hang ? "" : buf_text(&places)); /* where a loop is cut off is chance */
  const char *parts[] = {context->scenario_name, finding_kind_name(finding.kind), folded};
  fingerprint_of(parts, sizeof parts / sizeof *parts, fingerprint);
  finding.fingerprint = mem_dup(fingerprint);
  if (!ledger_seen(context->ledger, finding.kind, fingerprint)) {
    ledger_enter(context->ledger, &finding);
  }
  free(folded);
  buf_free(&places);
  finding_free(&finding);
}
