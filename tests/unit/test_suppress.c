/* Suppressions: what a file of them may hold, and which races they match. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign/suppress.h"
#include "platform/fs.h"
#include "platform/mem.h"

static bool read_text(const char *text, size_t len, struct result *result, struct err *err) {
  char path[] = "/tmp/flashflood-suppress-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  assert_true(fs_write(path, text, len, err));
  *result = (struct result){0};
  bool ok = suppress_read(path, result, err);
  assert_int_equal(ok, err->code == ERR_NONE);
  assert_true(ok || strstr(err->msg, path));
  unlink(path);
  return ok;
}

static void each_line_is_one_or_says_nothing(void **state) {
  (void)state;
  static const char TEXT[] = "# known\n\n  \t\ncontainer Buffer.__n because each has its own\r\n"
                             "  function\t*.get size   because because it is\n   # not this\nfile a/*.py because x";
  struct err err = ERR_INIT;
  struct result result;
  assert_true(read_text(TEXT, sizeof TEXT - 1, &result, &err));
  assert_int_equal(result.suppression_count, 3);
  const struct suppression *all = result.suppressions;
  assert_string_equal(all[0].what, "container");
  assert_string_equal(all[0].pattern, "Buffer.__n");
  assert_string_equal(all[0].reason, "each has its own");
  assert_int_equal(all[0].line, 4);
  assert_string_equal(all[1].pattern, "*.get size");
  assert_string_equal(all[1].reason, "because it is");
  assert_string_equal(all[2].what, "file");
  assert_int_equal(all[2].line, 7);
  result_free(&result);
  assert_true(read_text("", 0, &result, &err));
  assert_int_equal(result.suppression_count, 0);
}

static void what_is_none_is_refused_with_its_line(void **state) {
  (void)state;
  static const char *const CASES[][2] = {
      {"container X\n", ":1: 'X' has no reason"},
      {"\n\nfile a.py because  \n", ":3: 'a.py' has no reason"},
      {"# x\nmodule a because b\n", ":2: 'module' is none of container, function, file"},
      {"container because b\n", ":1: there is no pattern"},
      {"container\n", ":1: there is no pattern"},
      {"file a.pybecause it\n", ":1: 'a.pybecause it' has no reason"},
      {"file a.py becauseit\n", ":1: 'a.py becauseit' has no reason"},
      {"\x1b[31m a because b\n", ":1: '\\x1b[31m' is none of"},
      {"Container a because b\n", ":1: 'Container' is none of"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct err err = ERR_INIT;
    struct result result;
    assert_false(read_text(CASES[i][0], strlen(CASES[i][0]), &result, &err));
    assert_int_equal(err.code, ERR_USAGE);
    if (!strstr(err.msg, CASES[i][1])) {
      fail_msg("\"%s\" does not say \"%s\"", err.msg, CASES[i][1]);
    }
    result_free(&result);
  }
  static const char BINARY[] = "file a because b\nfile\0 a because b\n";
  struct err err = ERR_INIT;
  struct result result;
  assert_false(read_text(BINARY, sizeof BINARY - 1, &result, &err));
  assert_non_null(strstr(err.msg, ":2: there is a NUL byte"));
  result_free(&result);
}

static struct finding a_race(bool python) {
  struct finding finding = {.kind = FINDING_DATA_RACE, .where = mem_dup("memset.c:12:3 in do_memset")};
  if (!python) {
    return finding;
  }
  finding.race = mem_alloc(sizeof *finding.race);
  finding.race->container = mem_dup("Buffer.__counters");
  race_add_access(finding.race); /* of which nothing is known */
  struct race_access *access = race_add_access(finding.race);
  access->function = mem_dup("Buffer.flush");
  access->file = mem_dup("arroyo/processing/processor.py");
  return finding;
}

static bool matches(const char *what, const char *pattern, const struct finding *finding) {
  struct result result = {0};
  struct suppression *other = result_add_suppression(&result);
  other->what = mem_dup("container"), other->pattern = mem_dup("nothing");
  struct suppression *suppression = result_add_suppression(&result);
  suppression->what = mem_dup(what), suppression->pattern = mem_dup(pattern);
  const struct suppression *found = suppress_find(&result, finding);
  assert_true(!found || found == suppression);
  result_free(&result);
  return found != NULL;
}

static void races_are_matched_by_what_they_touch(void **state) {
  (void)state;
  static const struct {
    const char *what, *pattern;
    bool python, native;
  } CASES[] = {
      {"container", "Buffer.__counters", true, false},
      {"container", "Buffer.*", true, false},
      {"container", "__counters", false, false},
      {"container", "*", true, false},
      {"function", "Buffer.flush", true, false},
      {"function", "do_memset", false, true},
      {"function", "*.get", false, false},
      {"file", "arroyo/*", true, false},
      {"file", "*/processor.py", true, false},
      {"file", "processor.py", false, false},
      {"file", "memset.c", false, true},
      {"file", "mem[a-s]et.c", false, true},
      {"file", "[", false, false},
  };
  struct finding python = a_race(true), native = a_race(false), other = {.kind = FINDING_CRASH};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    assert_int_equal(matches(CASES[i].what, CASES[i].pattern, &python), CASES[i].python);
    assert_int_equal(matches(CASES[i].what, CASES[i].pattern, &native), CASES[i].native);
    assert_false(matches(CASES[i].what, "*", &other));
  }
  free(native.where);
  native.where = NULL;
  assert_false(matches("file", "*", &native));
  finding_free(&python);
  finding_free(&native);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_line_is_one_or_says_nothing),
      cmocka_unit_test(what_is_none_is_refused_with_its_line),
      cmocka_unit_test(races_are_matched_by_what_they_touch),
  };
  return cmocka_run_group_tests_name("suppress", tests, NULL, NULL);
}
