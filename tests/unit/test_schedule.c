#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <inttypes.h>

#include <cmocka.h>

#include "platform/buf.h"
#include "platform/mem.h"
#include "strategy/schedule.h"
#include "strategy/schedule_text.h"

#define FIRST "flashflood schedule 1\n"
#define HEAD                                                                                                           \
  FIRST "scenario metrics_buffer\n"                                                                                    \
        "target sentry-arroyo==2.36.0\n"                                                                               \
        "python 3.11.2\n"                                                                                              \
        "points gil\n"                                                                                                 \
        "finding dict-changed-size 0123456789abcdef\n"                                                                 \
        "actors 2\n"                                                                                                   \
        "thread work\n"                                                                                                \
        "thread report\n"                                                                                              \
        "first report\n"
#define PREEMPTED "switch report preempted arroyo/processor.py:157+9 MetricsBuffer.flush JUMP_BACKWARD #1 -> work\n"

/* The lines with the checksum that is theirs. The caller's. */
static char *ended(const char *lines) {
  return mem_printf("%send %016" PRIx64 "\n", lines, schedule_checksum(lines, strlen(lines)));
}

static void expect_accepted(const char *lines) {
  char *text = ended(lines);
  struct schedule schedule;
  struct err err = ERR_INIT;
  if (!schedule_read(text, strlen(text), &schedule, &err)) {
    fail_msg("%s", err.msg);
  }
  char *again = schedule_write(&schedule);
  assert_string_equal(again, text);
  free(again);
  schedule_free(&schedule);
  free(text);
}

static void expect_refused_text(const char *text, size_t len, const char *says) {
  char *exact = mem_alloc(len + 1); /* no byte behind, so that the sanitizer sees a read too far */
  memcpy(exact, text, len);
  exact = mem_grow(exact, len ? len : 1);
  struct schedule schedule;
  struct err err = ERR_INIT;
  if (schedule_read(exact, len, &schedule, &err)) {
    fail_msg("accepted: %s", text);
  }
  free(exact);
  if (!strstr(err.msg, says)) {
    fail_msg("'%s' does not say '%s'", err.msg, says);
  }
  assert_int_equal(err.code, ERR_USAGE);
  assert_null(schedule.scenario);
  assert_int_equal(schedule.switch_count, 0);
}

static void expect_refused(const char *lines, const char *says) {
  char *text = ended(lines);
  expect_refused_text(text, strlen(text), says);
  free(text);
}

static void what_is_written_is_read(void **state) {
  (void)state;
  expect_accepted(HEAD);
  expect_accepted(HEAD "number 0\nnumber 18446744073709551615\n" PREEMPTED "switch work waits -> report\n"
                       "switch report waits -> report\nswitch report ended -> work\n");
  char *text = ended(HEAD "number 3\n" PREEMPTED "switch work ended -> report\n");
  struct schedule schedule;
  struct err err = ERR_INIT;
  assert_true(schedule_read(text, strlen(text), &schedule, &err));
  assert_string_equal(schedule.target, "sentry-arroyo==2.36.0");
  assert_string_equal(schedule.kind, "dict-changed-size");
  assert_int_equal(schedule.threads.count, 2);
  assert_string_equal(schedule.first, "report");
  assert_int_equal(schedule.numbers[0], 3);
  assert_int_equal(schedule.switch_count, 2);
  assert_string_equal(schedule.switches[0].place.file, "arroyo/processor.py");
  assert_int_equal(schedule.switches[0].place.line, 157);
  assert_int_equal(schedule.switches[0].place.offset, 9);
  assert_string_equal(schedule.switches[0].place.op, "JUMP_BACKWARD");
  assert_int_equal(schedule.switches[1].how, SWITCH_ENDED);
  assert_null(schedule.switches[1].place.file);
  assert_string_equal(schedule.switches[1].next, "report");
  schedule_free(&schedule);
  free(text);
}

static void strange_strings_come_back(void **state) {
  (void)state;
  static const char *const STRANGE[] = {
      "a b",          "->",   "work -> x", "100%",  "%20", "",  "%",   "caf\xc3\xa9 \xe4\xbd\xa0 \xf0\x9f\x8c\x8a",
      "\x1b[31m",     "x\ny", "\r",        "a:1+2", "#1",  ":", " a ", "\xe2\x80\xae\xc2\x9b",
      "\xef\xbf\xbd",
  };
  for (size_t i = 0; i < sizeof STRANGE / sizeof *STRANGE; i++) {
    struct schedule schedule = {.scenario = mem_dup(STRANGE[i]), .first = mem_dup(STRANGE[i])};
    strlist_add(&schedule.threads, STRANGE[i]);
    strlist_add(&schedule.threads, "other");
    *schedule_add(&schedule) = (struct schedule_switch){
        .thread = mem_dup(STRANGE[i]),
        .place = {mem_dup(STRANGE[i]), mem_dup(STRANGE[i]), UINT32_MAX, 0, mem_dup(STRANGE[i])},
        .occurrence = UINT32_MAX,
        .next = mem_dup("other"),
    };
    char *text = schedule_write(&schedule);
    struct schedule back;
    struct err err = ERR_INIT;
    if (!schedule_read(text, strlen(text), &back, &err)) {
      fail_msg("%s\n%s", err.msg, text);
    }
    assert_string_equal(back.scenario, STRANGE[i]);
    assert_string_equal(back.first, STRANGE[i]);
    assert_string_equal(back.switches[0].place.file, STRANGE[i]);
    assert_string_equal(back.switches[0].place.op, STRANGE[i]);
    assert_string_equal(back.target, ""); /* NULL is written as the empty string */
    char *again = schedule_write(&back);
    assert_string_equal(again, text);
    free(again);
    free(text);
    schedule_free(&back);
    schedule_free(&schedule);
  }
}

static void what_is_no_schedule_is_refused(void **state) {
  (void)state;
  expect_refused_text("", 0, "empty");
  expect_refused_text("\0\0\0", 3, "not a flashflood schedule");
  expect_refused_text("{\"runs\": []}\n", 13, "not a flashflood schedule: its first line is '{\"runs\": []}'");
  expect_refused("flashflood schedule one\n", "not a flashflood schedule");
  expect_refused("flashflood schedule 0\n", "not a flashflood schedule");
  expect_refused("flashflood schedule 1 \n", "not a flashflood schedule");
  expect_refused("flashflood schedule 2\nanything\n", "version 2; this flashflood reads up to 1: update it");
  expect_refused("flashflood schedule 99999999999999999999999\n", "update it");
}

/* Wherever it is cut off, and whichever bit is turned. */
static void truncation_and_damage_are_seen(void **state) {
  (void)state;
  char *text = ended(HEAD "number 3\n" PREEMPTED "switch work ended -> report\n");
  size_t len = strlen(text);
  for (size_t cut = strlen(FIRST); cut < len; cut++) {
    expect_refused_text(text, cut, "cut off");
  }
  for (size_t i = 0; i < len * 8; i++) {
    text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
    expect_refused_text(text, len, "");
    text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
  }
  text[len - 30] ^= 1;
  expect_refused_text(text, len, "one of them is damaged");
  free(text);
}

static void bytes_out_of_place_are_told(void **state) {
  (void)state;
  expect_refused("flashflood schedule 1\r\nscenario a\r\n", "line 1: ends in CR LF");
  expect_refused(FIRST "scenario a\r\n", "line 2: ends in CR LF");
  expect_refused(FIRST "scenario \xc3\n", "line 2: byte 10 is 0xc3, which is not UTF-8");
  expect_refused(FIRST "scenario a\tb\n", "line 2: byte 11 is 0x09, which is a control character");
  expect_refused(FIRST "scenario \xc2\x9b\n", "control character");
  static const char NUL[] = FIRST "scenario a\0b\nend 0123456789abcdef\n";
  expect_refused_text(NUL, sizeof NUL - 1, "line 2: byte 11 is 0x00");
  expect_refused(FIRST "scenario a%00b\n", "line 2: the scenario 'a%00b' is not text");
  expect_refused(FIRST "scenario a%2\n", "not text");
  expect_refused(FIRST "scenario a%c3\n", "not text");
  expect_refused(FIRST "scenario %FF\n", "not text");
}

static void lines_out_of_place_are_told(void **state) {
  (void)state;
  expect_refused(FIRST, "line 2: 'scenario' is missing");
  expect_refused(FIRST "scenario a\npython 3\n", "line 3: 'target' is missing, or not in its place");
  expect_refused(FIRST "scenario a\nrelease 3\n", "line 3: unknown line 'release 3'");
  expect_refused(FIRST "scenario a b\n", "line 2: 'b' is too much");
  expect_refused(FIRST "scenario a \n", "too much");
  expect_refused(FIRST "scenario \n", "the scenario is missing");
  expect_refused(HEAD "first work\n", "line 11: 'switch' is missing, or not in its place");
  expect_refused(HEAD PREEMPTED "number 1\n", "line 12: 'switch' is missing");
  expect_refused(HEAD "nonsense\n", "unknown line 'nonsense'");
  expect_refused(HEAD "\n", "unknown line ''");
  expect_refused(HEAD "end 0123456789abcdef\n", "line 11: 'switch' is missing");
}

static void switches_that_mean_nothing_are_told(void **state) {
  (void)state;
  expect_refused(HEAD "switch wark ended -> report\n", "line 11: thread 'wark' is unknown");
  expect_refused(HEAD "switch work ended -> nobody\n", "thread 'nobody' is unknown");
  expect_refused(HEAD "switch work stopped -> report\n", "'stopped'");
  expect_refused(HEAD "switch work ended\n", "'->' belongs where '' stands");
  expect_refused(HEAD "switch work ended report\n", "'->' belongs where 'report' stands");
  expect_refused(HEAD "switch work ended ->\n", "thread's name is missing");
  expect_refused(HEAD "switch work ended -> report too\n", "'too' is too much");
  expect_refused(HEAD "switch work ended -> work\n", "itself");
  expect_refused(HEAD "switch work preempted a.py:1 f CALL #1 -> report\n", "not FILE:LINE+OFFSET");
  expect_refused(HEAD "switch work preempted a.py+1:1 f CALL #1 -> report\n", "not FILE:LINE+OFFSET");
  expect_refused(HEAD "switch work preempted a.py:x+1 f CALL #1 -> report\n", "the line is 'x'");
  expect_refused(HEAD "switch work preempted a.py:1+0 f CALL 1 -> report\n", "the occurrence is '1'");
  expect_refused(HEAD "switch work preempted a.py:1+0 f CALL -> report\n", "the occurrence is '->'");
}

static void absurd_numbers_are_told(void **state) {
  (void)state;
  expect_refused(HEAD "switch work preempted a.py:1+0 f CALL #0 -> report\n", "may be 1 to 4294967295");
  expect_refused(HEAD "switch work preempted a.py:1+0 f CALL #4294967296 -> report\n", "may be 1 to");
  expect_refused(HEAD "switch work preempted a.py:4294967296+0 f CALL #1 -> report\n", "the line is 4294967296");
  expect_refused(HEAD "switch work preempted a.py:01+0 f CALL #1 -> report\n", "the line is '01', not a number");
  expect_refused(HEAD "number 18446744073709551616\n", "may be 0 to 18446744073709551615");
  expect_refused(HEAD "number 99999999999999999999\n", "may be 0 to");
  expect_refused(HEAD "number 111111111111111111111\n", "not a number");
  expect_refused(HEAD "number -1\n", "'-1', not a number");
  expect_refused(HEAD "number +1\n", "not a number");
  expect_refused(FIRST "scenario a\ntarget a\npython 3\npoints gil\nfinding a b\nactors 65\n", "may be 0 to 64");
}

static void too_much_is_told(void **state) {
  (void)state;
  struct buf lines = {0};
  buf_puts(&lines, FIRST "scenario ");
  for (size_t i = 0; i <= SCHEDULE_LONGEST_LINE; i++) {
    buf_puts(&lines, "a");
  }
  buf_puts(&lines, "\n");
  expect_refused(lines.data, "line 2: 65546 bytes long");
  buf_free(&lines);
  buf_puts(&lines, HEAD);
  for (size_t i = 0; i < SCHEDULE_MOST_LINES; i++) {
    buf_puts(&lines, "number 0\n");
  }
  expect_refused(lines.data, "more than the 1000000 lines");
  buf_free(&lines);
  buf_puts(&lines, FIRST "scenario a\ntarget a\npython 3\npoints gil\nfinding a b\nactors 2\n");
  for (int i = 0; i < 65; i++) {
    buf_printf(&lines, "thread t%d\n", i);
  }
  expect_refused(lines.data, "one more than the 64");
  buf_free(&lines);
  expect_refused(FIRST "scenario a\ntarget a\npython 3\npoints gil\nfinding a b\nactors 2\nthread a\nthread a\n",
                 "line 9: a second thread 'a'");
}

static uint64_t at(uint32_t offset, const char *op) { return schedule_place_id("a.py", "f", offset, op); }

static void places_are_the_same_on_every_python(void **state) {
  (void)state;
  assert_int_equal(at(1, "CALL"), at(1, "CALL_METHOD"));
  assert_int_equal(at(1, "CALL"), at(1, "PRECALL"));
  assert_int_equal(at(1, "CALL"), at(1, "CALL_FUNCTION_EX"));
  assert_int_equal(at(1, "CALL"), at(1, "INSTRUMENTED_CALL_KW"));
  assert_int_equal(at(1, "RESUME"), at(1, "INSTRUMENTED_RESUME"));
  assert_int_equal(at(1, "RESUME"), at(1, "RESUME_CHECK"));
  assert_int_equal(at(1, "JUMP_BACKWARD"), at(1, "JUMP_ABSOLUTE"));
  assert_int_equal(at(1, "JUMP_BACKWARD"), at(1, "POP_JUMP_BACKWARD_IF_TRUE"));
  assert_int_equal(at(1, "LOAD_ATTR"), at(1, "INSTRUMENTED_LOAD_ATTR"));
  assert_int_not_equal(at(1, "CALL"), at(1, "CALL_INTRINSIC_1"));
  assert_int_not_equal(at(1, "CALL"), at(1, "RESUME"));
  assert_int_not_equal(at(1, "CALL"), at(1, "JUMP_BACKWARD"));
  assert_int_not_equal(at(1, "CALL"), at(2, "CALL"));
  assert_int_not_equal(at(1, "CALL"), at(257, "CALL"));
  assert_int_not_equal(at(1, "CALL"), schedule_place_id("b.py", "f", 1, "CALL"));
  assert_int_not_equal(schedule_place_id("a", "bc", 1, "CALL"), schedule_place_id("ab", "c", 1, "CALL"));
  assert_int_not_equal(schedule_place_id(NULL, NULL, 0, NULL), 0);
}

static void a_copy_stands_on_its_own(void **state) {
  (void)state;
  struct schedule schedule = {.scenario = mem_dup("a"), .thread_count = 2};
  schedule.numbers = mem_alloc(sizeof *schedule.numbers);
  schedule.number_count = 1;
  for (uint32_t i = 0; i < 100; i++) {
    struct schedule_switch *one = schedule_add(&schedule);
    one->thread = mem_dup("work");
    one->occurrence = i;
    struct schedule copy;
    schedule_copy(&copy, &schedule);
    schedule_add(&copy)->next = mem_dup("x"); /* there is room for it, or room is made */
    assert_int_equal(copy.switch_count, i + 2);
    assert_int_equal(copy.switches[i].occurrence, i);
    schedule_free(&copy);
  }
  assert_string_equal(schedule.switches[99].thread, "work");
  schedule_free(&schedule);
  schedule_free(&schedule);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_written_is_read),
      cmocka_unit_test(strange_strings_come_back),
      cmocka_unit_test(what_is_no_schedule_is_refused),
      cmocka_unit_test(truncation_and_damage_are_seen),
      cmocka_unit_test(bytes_out_of_place_are_told),
      cmocka_unit_test(lines_out_of_place_are_told),
      cmocka_unit_test(switches_that_mean_nothing_are_told),
      cmocka_unit_test(absurd_numbers_are_told),
      cmocka_unit_test(too_much_is_told),
      cmocka_unit_test(places_are_the_same_on_every_python),
      cmocka_unit_test(a_copy_stands_on_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
