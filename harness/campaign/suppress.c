#include "campaign/suppress.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "platform/fs.h"
#include "platform/mem.h"

#define BECAUSE "because"
#define FORM "write: container|function|file PATTERN because REASON"

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* Without the blanks at both ends. The caller's. */
static char *trimmed(const char *text, size_t len) {
  while (len && is_blank(*text)) {
    text++;
    len--;
  }
  while (len && is_blank(text[len - 1])) {
    len--;
  }
  return mem_dupn(text, len);
}

/* The first "because" that stands as a word of its own, so that a pattern may hold blanks. */
static const char *find_because(const char *text) {
  const size_t len = sizeof BECAUSE - 1;
  for (const char *at = text; (at = strstr(at, BECAUSE)); at += len) {
    bool begins = at > text && is_blank(at[-1]);
    if (begins && (at[len] == '\0' || is_blank(at[len]))) {
      return at;
    }
  }
  return NULL;
}

static bool known_word(const char *word) {
  return strcmp(word, "container") == 0 || strcmp(word, "function") == 0 || strcmp(word, "file") == 0;
}

/* Sets `problem`, the caller's, where the line is not as it should be. */
static bool parse(const char *line, struct suppression *into, char **problem) {
  size_t word = strcspn(line, " \t");
  const char *because = find_because(line + word);
  const char *pattern_end = because ? because : line + strlen(line);
  into->what = mem_dupn(line, word);
  into->pattern = trimmed(line + word, (size_t)(pattern_end - line) - word);
  into->reason = because ? trimmed(because + sizeof BECAUSE - 1, strlen(because) - (sizeof BECAUSE - 1)) : mem_dup("");
  if (!known_word(into->what)) {
    *problem = mem_printf("'%.100s' is none of container, function, file", into->what);
  } else if (!*into->pattern) {
    *problem = mem_dup("there is no pattern");
  } else if (!*into->reason) {
    *problem = mem_printf("'%.100s' has no reason: every suppression needs one", into->pattern);
  }
  return !*problem;
}

static bool take_line(const char *file, uint64_t number, const char *text, size_t len, struct result *result,
                      struct err *err) {
  char *line = trimmed(text, len && text[len - 1] == '\r' ? len - 1 : len);
  char *problem = memchr(text, '\0', len) ? mem_dup("there is a NUL byte") : NULL;
  if (!problem && *line && *line != '#') {
    struct suppression *suppression = result_add_suppression(result);
    suppression->line = number;
    parse(line, suppression, &problem);
  }
  if (problem) {
    err_set(err, ERR_USAGE, "--suppressions %s:%llu: %s; " FORM, file, (unsigned long long)number, problem);
  }
  bool ok = !problem;
  free(problem);
  free(line);
  return ok;
}

bool suppress_read(const char *file, struct result *result, struct err *err) {
  struct buf text = {0};
  uint64_t number = 1;
  if (!fs_is_file(file)) {
    return err_set(err, ERR_USAGE, "--suppressions '%s': there is no such file", file);
  }
  bool ok = fs_read(file, &text, err);
  if (!ok) {
    err_context(err, "--suppressions '%s'", file);
  }
  const char *end = buf_text(&text) + text.len;
  for (const char *at = buf_text(&text); ok && at < end; number++) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t len = (size_t)((newline ? newline : end) - at);
    ok = take_line(file, number, at, len, result, err);
    at += len + (newline != NULL);
  }
  buf_free(&text);
  return ok;
}

static bool matches(const struct suppression *suppression, const char *what, const char *text) {
  return text && strcmp(suppression->what, what) == 0 && fnmatch(suppression->pattern, text, 0) == 0;
}

static bool matches_race(const struct suppression *suppression, const struct race *race) {
  bool any = matches(suppression, "container", race->container);
  for (size_t i = 0; i < race->access_count && !any; i++) {
    any = matches(suppression, "function", race->accesses[i].function) ||
          matches(suppression, "file", race->accesses[i].file);
  }
  return any;
}

/* "file.c:12:3 in work" */
static bool matches_where(const struct suppression *suppression, const char *where) {
  const char *in = where ? strstr(where, " in ") : NULL;
  char *file = where ? mem_dupn(where, strcspn(where, ": ")) : NULL;
  bool any = matches(suppression, "function", in ? in + 4 : NULL) || matches(suppression, "file", file);
  free(file);
  return any;
}

struct suppression *suppress_find(struct result *result, const struct finding *finding) {
  for (size_t i = 0; finding->kind == FINDING_DATA_RACE && i < result->suppression_count; i++) {
    struct suppression *suppression = &result->suppressions[i];
    if (finding->race ? matches_race(suppression, finding->race) : matches_where(suppression, finding->where)) {
      return suppression;
    }
  }
  return NULL;
}
