/* What the death or the silence of a worker says about the scenario. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "campaign/crew.h"
#include "model/fingerprint.h"
#include "model/text.h"
#include "platform/mem.h"

/* This machine's folders cut off, as in a Python traceback of a finding. */
static char *trim(const struct worker_process *worker, const char *text) {
  char *out = text_to_utf8(text);
  for (size_t i = 0; i < worker->job->paths.count; i++) {
    char *prefix = mem_printf("%s/", worker->job->paths.items[i]);
    out = text_replace(out, prefix, "");
    free(prefix);
  }
  char *folder = mem_dup(worker->job->scenario);
  char *slash = strrchr(folder, '/');
  if (slash) {
    slash[1] = '\0';
    out = text_replace(out, folder, "");
  }
  free(folder);
  return worker->intake.stdlib ? text_replace(out, worker->intake.stdlib, "lib") : out;
}

/* faulthandler's `  File "a.py", line 3 in work`, of the thread that died where it says which: "a.py:3 in work". */
static char *first_place(const char *stacks) {
  const char *current = strstr(stacks, "Current thread");
  const char *file = strstr(current ? current : stacks, "  File \"");
  if (!file) { /* a hang: the one that answered the signal need not be a thread that runs Python */
    file = strstr(stacks, "  File \"");
  }
  if (!file) {
    return NULL;
  }
  file += strlen("  File \"");
  const char *quote = strchr(file, '"');
  const char *line = quote ? strstr(quote, ", line ") : NULL;
  if (!line) {
    return NULL;
  }
  line += strlen(", line ");
  return mem_printf("%.*s:%.*s", (int)(quote - file), file, (int)strcspn(line, "\n"), line);
}

/* The stacks and the end of what it printed: all that is left of it. */
static char *remains(const struct worker_process *worker) {
  char *stacks = trim(worker, buf_text(&worker->intake.stacks));
  char *log = trim(worker, buf_text(&worker->intake.log));
  size_t len = strlen(log);
  const char *end = len > 4000 ? log + len - 4000 : log;
  char *text = mem_printf("%s%s%s", stacks, *end ? "\nthe end of what it printed:\n" : "", end);
  char *clean = text_to_utf8(text);
  free(text);
  free(stacks);
  free(log);
  return clean;
}

static void add(struct worker_process *worker, enum finding_kind kind, char *message) {
  struct run *run = worker->intake.run;
  char fingerprint[FINGERPRINT_SIZE];
  struct finding *finding = run_add_finding(run);
  finding->kind = kind;
  finding->message = message;
  finding->actor = mem_dup("the worker's process");
  finding->traceback = remains(worker);
  finding->where = first_place(finding->traceback);
  finding->count = 1;
  run->schedules += worker->intake.ready; /* the trial that it died in */
  intake_holds_for_engine(&worker->intake, finding);
  char *folded = fingerprint_fold(finding->where ? finding->where : "");
  char *how = fingerprint_fold(message);
  const char *parts[] = {run->scenario, finding_kind_name(kind), how, folded};
  fingerprint_of(parts, sizeof parts / sizeof *parts, fingerprint);
  finding->fingerprint = mem_dup(fingerprint);
  free(folded);
  free(how);
}

static const char *what_ended_not(const struct run *run) {
  bool stress = !run->engine || strcmp(run->engine, "stress") == 0;
  return stress ? "a trial did not end" : "a schedule did not end";
}

void worker_judge_death(struct worker_process *worker, bool stopped) {
  struct intake *intake = &worker->intake;
  if (worker->hung) {
    add(worker, FINDING_HANG,
        mem_printf("%s; every thread's stack is below",
                   intake->ready ? what_ended_not(worker->intake.run) : "the scenario did not load in time"));
    return;
  }
  if (intake->done || intake->refused || stopped) {
    return;
  }
  char *how = process_describe_status(worker->status);
  add(worker, FINDING_CRASH,
      WIFSIGNALED(worker->status) ? mem_printf("the interpreter died of %s", how)
                                  : mem_printf("the process ended with %s in the middle of its run (os._exit?)", how));
  free(how);
}
