#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "model/result_json.h"
#include "model/verdict.h"
#include "platform/fs.h"
#include "platform/mem.h"
#include "reports/format.h"

bool output_check(const struct output_options *options, struct err *err) {
  if (!options->folder) {
    return true;
  }
  if (!fs_make_dirs(options->folder, err)) {
    return err_context(err, "--out '%s'", options->folder);
  }
  if (access(options->folder, W_OK | X_OK) != 0) {
    return err_errno(err, ERR_USAGE, "--out '%s' cannot be written; give a folder that can", options->folder);
  }
  return true;
}

static struct report_style style_of_terminal(void) {
  struct report_style style = {.colour = false, .width = 80};
  const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
  struct winsize size;
  if (isatty(STDOUT_FILENO)) {
    style.colour = (!no_colour || !*no_colour) && term && strcmp(term, "dumb") != 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
      style.width = size.ws_col;
    }
  }
  return style;
}

static bool print(const struct report_format *format, const struct result *result, struct err *err) {
  struct buf text = {0};
  struct report_style style = style_of_terminal();
  format->render(result, &style, &text);
  bool ok = fwrite(buf_text(&text), 1, text.len, stdout) == text.len && fflush(stdout) == 0;
  if (!ok) {
    err_errno(err, ERR_USAGE, "cannot write the %s report to standard output", format->name);
  }
  buf_free(&text);
  return ok;
}

static bool write_file(const struct report_format *format, const char *folder, const struct result *result,
                       struct err *err) {
  struct buf text = {0};
  struct report_style style = {.colour = false, .width = 80};
  format->render(result, &style, &text);
  char *path = fs_join(folder, format->file);
  bool ok = fs_write(path, buf_text(&text), text.len, err);
  free(path);
  buf_free(&text);
  return ok;
}

/* A format with a file goes there when there is a folder, and to standard output when there is none. */
static bool write_format(const struct output_options *options, const char *name, const struct result *result,
                         struct err *err) {
  const struct report_format *format = formats_find(name);
  if (options->folder && format->file) {
    return write_file(format, options->folder, result, err);
  }
  return print(format, result, err);
}

/* Nothing that a person has to be told: all passed, and none that was expected to fail. */
static bool is_clean(const struct result *result) {
  for (size_t i = 0; i < result->run_count; i++) {
    if (result->runs[i].verdict != VERDICT_PASS) {
      return false;
    }
  }
  return verdict_overall(result) == VERDICT_PASS;
}

static bool write_files(const struct output_options *options, const struct result *result, bool with_result,
                        struct err *err) {
  bool ok = true;
  if (options->folder && with_result) {
    ok = write_format(options, "json", result, err);
  }
  for (size_t i = 0; ok && i < options->formats.count; i++) {
    bool written = options->folder && with_result && strcmp(options->formats.items[i], "json") == 0;
    ok = written || write_format(options, options->formats.items[i], result, err);
  }
  return ok;
}

bool output_write(const struct output_options *options, const struct result *result, bool with_result,
                  struct err *err) {
  bool ok = write_files(options, result, with_result, err);
  bool by_default = ok && options->formats.count == 0 && !(options->quiet && is_clean(result));
  if (by_default || (!ok && with_result && !is_clean(result))) { /* a full disk must not cost the user what was found */
    struct err another = ERR_INIT;
    ok = write_format(options, "text", result, ok ? err : &another) && ok;
  }
  return ok;
}
