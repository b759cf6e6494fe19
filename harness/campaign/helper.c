#include "campaign/helper.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "platform/interrupt.h"
#include "platform/mem.h"
#include "platform/process.h"

/* The interpreter may itself be built with ThreadSanitizer: then it starts without randomised addresses only, and what
 * would be reported of it is no answer to anything that is asked here. */
#define NO_REPORTS "report_bugs=0"

struct talk {
  struct buf out;
  struct buf line;  /* standard error, up to the last newline */
  struct buf error; /* what stood behind "error: " */
  struct buf below; /* the lines after it */
  void (*said)(void *arg, const char *line);
  void *said_arg;
};

static void take_line(struct talk *talk, const char *line) {
  static const char MARK[] = "error: ";
  if (talk->error.len) {
    buf_printf(&talk->below, "%s%s", talk->below.len ? "\n" : "", line);
  } else if (strncmp(line, MARK, sizeof MARK - 1) == 0) {
    buf_puts(&talk->error, line + sizeof MARK - 1);
  } else if (talk->said) {
    talk->said(talk->said_arg, line);
  }
}

static void take_lines(struct talk *talk) {
  for (char *end; talk->line.data && (end = memchr(talk->line.data, '\n', talk->line.len));) {
    *end = '\0';
    take_line(talk, talk->line.data);
    buf_drop_front(&talk->line, (size_t)(end - talk->line.data) + 1);
  }
}

static int follow(struct process *process, struct talk *talk) {
  struct process *one[] = {process};
  int status = 0;
  bool told = false;
  while (process_has_open_pipes(process)) {
    process_poll(one, 1, 0.2);
    process_read(process, PROCESS_OUT, &talk->out);
    process_read(process, PROCESS_ERR, &talk->line);
    take_lines(talk);
    if (interrupt_seen() && !told) {
      process_signal(process, SIGTERM);
      told = true;
    }
  }
  while (!process_ended(process, &status)) {
    process_poll(one, 0, 0.01);
  }
  return status;
}

static bool run(const struct strlist *argv, const char *input, struct talk *talk, struct err *err) {
  struct process process;
  struct process_spec spec = {.argv = argv, .input = input, .tsan_options = NO_REPORTS, .fixed_addresses = true};
  if (!process_start(&spec, &process, err)) {
    return false;
  }
  int status = follow(&process, talk);
  process_close(&process);
  if (interrupt_seen()) {
    return err_set(err, ERR_HARNESS, "interrupted");
  }
  if (status == 0) {
    return true;
  }
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  char *ended = process_describe_status(status);
  err_set(err, code == ERR_USAGE ? ERR_USAGE : ERR_HARNESS, "%s", talk->error.len ? talk->error.data : ended);
  if (!talk->error.len) {
    err_context(err, "%s", argv->items[1]);
  }
  if (talk->below.len) {
    err_lines(err, talk->below.data);
  }
  free(ended);
  return false;
}

json_t *helper_json(const struct strlist *argv, const char *input, void (*said)(void *arg, const char *line),
                    void *said_arg, struct err *err) {
  struct talk talk = {.said = said, .said_arg = said_arg};
  json_t *json = NULL;
  if (run(argv, input, &talk, err)) {
    json_error_t error;
    json = json_loadb(buf_text(&talk.out), talk.out.len, 0, &error);
    if (!json) {
      err_set(err, ERR_HARNESS, "%s gave no JSON: %s", argv->items[1], error.text);
    }
  }
  buf_free(&talk.out);
  buf_free(&talk.line);
  buf_free(&talk.error);
  buf_free(&talk.below);
  return json;
}

bool helper_python_tag(const struct places *places, const char *interpreter, struct buf *out, struct err *err) {
  struct strlist argv = {0};
  struct talk talk = {0};
  strlist_add(&argv, interpreter);
  strlist_addf(&argv, "%s/python_flags.py", places->scripts);
  strlist_add(&argv, "tag");
  bool ok = run(&argv, NULL, &talk, err);
  buf_add(out, buf_text(&talk.out), talk.out.len);
  buf_free(&talk.out);
  buf_free(&talk.line);
  buf_free(&talk.error);
  buf_free(&talk.below);
  strlist_free(&argv);
  return ok;
}
