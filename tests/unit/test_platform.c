/* Buffers, lists, files, randomness, fingerprints, jobs, child processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/fingerprint.h"
#include "model/job.h"
#include "platform/fs.h"
#include "platform/mem.h"
#include "platform/process.h"
#include "platform/rng.h"

static void buffers_grow_and_shrink(void **state) {
  (void)state;
  struct buf buf = {0};
  assert_string_equal(buf_text(&buf), "");
  for (int i = 0; i < 1000; i++) {
    buf_printf(&buf, "%d,", i % 10);
  }
  assert_int_equal(buf.len, 2000);
  buf_drop_front(&buf, 1998);
  assert_string_equal(buf_text(&buf), "9,");
  buf_drop_front(&buf, 100);
  assert_int_equal(buf.len, 0);
  buf_free(&buf);
}

static void text_is_replaced(void **state) {
  (void)state;
  const char *cases[][4] = {{"a/b/a/b", "a/", "", "b/b"}, {"abc", "", "x", "abc"}, {"aaa", "aa", "b", "ba"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *out = text_replace(mem_dup(cases[i][0]), cases[i][1], cases[i][2]);
    assert_string_equal(out, cases[i][3]);
    free(out);
  }
}

static void files_are_written_whole_or_not(void **state) {
  (void)state;
  char folder[] = "/tmp/ff-unit-XXXXXX";
  struct err err = ERR_INIT;
  struct buf text = {0};
  struct strlist names = {0};
  assert_non_null(mkdtemp(folder));
  char *file = fs_join(folder, "a.json"), *absent = fs_join(folder, "no/b.json");
  assert_true(fs_write(file, "one", 3, &err));
  assert_true(fs_write(file, "two", 3, &err));
  assert_true(fs_read(file, &text, &err));
  assert_string_equal(buf_text(&text), "two");
  assert_false(fs_write(absent, "x", 1, &err));
  assert_int_equal(err.code, ERR_USAGE);
  fs_list(folder, "", &names);
  assert_int_equal(names.count, 1); /* no temporary file is left */
  unlink(file);
  rmdir(folder);
  strlist_free(&names);
  buf_free(&text);
  free(absent);
  free(file);
}

static void random_numbers_are_the_seeds(void **state) {
  (void)state;
  struct rng a = {7}, b = {7}, c = {8};
  assert_true(rng_next(&a) == rng_next(&b));
  assert_true(rng_next(&a) != rng_next(&c));
  bool seen[5] = {0};
  for (int i = 0; i < 1000; i++) {
    uint64_t number = rng_below(&a, 5);
    assert_true(number < 5);
    seen[number] = true;
  }
  assert_true(seen[0] && seen[1] && seen[2] && seen[3] && seen[4]);
}

static void fingerprints_fold_amounts_and_nothing_else(void **state) {
  (void)state;
  char one[FINGERPRINT_SIZE], other[FINGERPRINT_SIZE];
  char *folded = fingerprint_fold("lost 12 of 3.5 at 0x7f3aBC, T-1");
  assert_string_equal(folded, "lost # of #.# at #, T-#");
  free(folded);
  fingerprint_of((const char *[]){"a", NULL}, 2, one);
  fingerprint_of((const char *[]){"a", ""}, 2, other);
  assert_string_not_equal(one, other);
  fingerprint_of((const char *[]){"ab", "c"}, 2, one);
  fingerprint_of((const char *[]){"a", "bc"}, 2, other);
  assert_string_not_equal(one, other);
}

static void jobs_survive_the_command_line(void **state) {
  (void)state;
  struct err err = ERR_INIT;
  struct job out = {.mode = mem_dup("run"),
                    .scenario = mem_dup("/a b/s\"c.py"),
                    .seed = 42,
                    .seconds = 1.5,
                    .switch_interval = 1e-6,
                    .records_fd = 3,
                    .stacks_fd = 4};
  struct job in;
  strlist_add(&out.paths, "/x");
  char *text = job_to_json(&out);
  assert_true(job_from_json(text, &in, &err));
  assert_string_equal(in.scenario, out.scenario);
  assert_string_equal(in.paths.items[0], "/x");
  assert_string_equal(in.carrier, "pthread");
  assert_true(in.seed == 42 && in.seconds == 1.5 && in.switch_interval == 1e-6);
  assert_null(in.until);
  assert_int_equal(in.stacks_fd, 4);
  free(text);
  job_free(&out);
  assert_false(job_from_json("{\"mode\": 3}", &out, &err));
  job_free(&in);
}

/* Runs a shell command to its end. */
static int run_shell(const char *command, const char *input, struct buf *out) {
  struct strlist argv = {0};
  struct process process;
  struct err err = ERR_INIT;
  int status = -1;
  strlist_add(&argv, "/bin/sh");
  strlist_add(&argv, "-c");
  strlist_add(&argv, command);
  assert_true(process_start(&(struct process_spec){.argv = &argv, .input = input, .extra = true}, &process, &err));
  struct process *one[] = {&process};
  while (process_has_open_pipes(&process)) {
    process_poll(one, 1, 0.1);
    for (int i = 0; i < PROCESS_PIPES; i++) {
      process_read(&process, i, out);
    }
  }
  while (!process_ended(&process, &status)) {
  }
  strlist_free(&argv);
  return status;
}

static void children_are_heard_on_every_pipe(void **state) {
  (void)state;
  struct buf out = {0};
  int status = run_shell("cat; echo err >&2; echo rec >&3; echo stk >&4; exit 5", "in\n", &out);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 5);
  assert_non_null(strstr(buf_text(&out), "in\n"));
  assert_non_null(strstr(buf_text(&out), "err\n"));
  assert_non_null(strstr(buf_text(&out), "rec\n"));
  assert_non_null(strstr(buf_text(&out), "stk\n"));
  buf_free(&out);
  status = run_shell("kill -SEGV $$", NULL, &out);
  char *text = process_describe_status(status);
  assert_non_null(strstr(text, "signal 11"));
  free(text);
  buf_free(&out);
}

static void a_program_that_is_not_there_is_an_error(void **state) {
  (void)state;
  struct strlist argv = {0};
  struct process process;
  struct err err = ERR_INIT;
  strlist_add(&argv, "/nonexistent/program");
  assert_false(process_start(&(struct process_spec){.argv = &argv}, &process, &err));
  assert_non_null(strstr(err.msg, "/nonexistent/program"));
  strlist_free(&argv);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(buffers_grow_and_shrink),
      cmocka_unit_test(text_is_replaced),
      cmocka_unit_test(files_are_written_whole_or_not),
      cmocka_unit_test(random_numbers_are_the_seeds),
      cmocka_unit_test(fingerprints_fold_amounts_and_nothing_else),
      cmocka_unit_test(jobs_survive_the_command_line),
      cmocka_unit_test(children_are_heard_on_every_pipe),
      cmocka_unit_test(a_program_that_is_not_there_is_an_error),
  };
  return cmocka_run_group_tests_name("platform", tests, NULL, NULL);
}
