#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/text.h"
#include "platform/mem.h"

#define FFFD "\xef\xbf\xbd"

static void expect_utf8(const char *text, const char *want) {
  char *have = text_to_utf8(text);
  assert_string_equal(have, want);
  free(have);
}

static void valid_text_stays(void **state) {
  (void)state;
  expect_utf8("", "");
  expect_utf8("plain", "plain");
  expect_utf8(
      "\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf",
      "\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf");
  assert_null(text_to_utf8(NULL));
}

static void invalid_bytes_are_replaced(void **state) {
  (void)state;
  expect_utf8("a\x80z", "a" FFFD "z");                  /* stray continuation */
  expect_utf8("\xc0\xaf", FFFD FFFD);                   /* overlong */
  expect_utf8("\xe0\x80\xaf", FFFD FFFD FFFD);          /* overlong, three bytes */
  expect_utf8("\xed\xa0\x80", FFFD FFFD FFFD);          /* surrogate */
  expect_utf8("\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD); /* above U+10FFFF */
  expect_utf8("\xf5\xff\xfe", FFFD FFFD FFFD);          /* never in UTF-8 */
  expect_utf8("\xe2\x82", FFFD);                        /* cut off at the end: one for the whole start */
  expect_utf8("\xf0\x9f\x8c"
              "x",
              FFFD "x");                        /* cut off by another character */
  expect_utf8("\xc3\xc3\xa9", FFFD "\xc3\xa9"); /* a start after a start */
}

/* Whatever the bytes are, the walk ends, stays inside, and what comes out is valid: it comes through unchanged. */
static void any_bytes_become_utf8(void **state) {
  (void)state;
  unsigned seed = 1;
  for (int round = 0; round < 20000; round++) {
    char *bytes = mem_alloc(9); /* exactly as long as it needs to be, so that the sanitizer sees a step too far */
    for (int i = 0; i < 8; i++) {
      seed = seed * 1103515245u + 12345u;
      bytes[i] = (char)(seed >> 16 | (seed >> 20 & 1 ? 0x80 : 0));
    }
    char *once = text_to_utf8(bytes);
    char *twice = text_to_utf8(once);
    assert_string_equal(once, twice);
    free(twice);
    free(once);
    free(bytes);
  }
}

static void expect_shown(const char *text, bool lines, const char *want) {
  struct buf out = {0};
  text_show(&out, text, lines);
  assert_string_equal(buf_text(&out), want);
  buf_free(&out);
}

static void controls_are_shown(void **state) {
  (void)state;
  expect_shown("\x1b[31m\a\x7f\r", false, "\\x1b[31m\\x07\\x7f\\x0d");
  expect_shown("\xc2\x9b"
               "31m",
               false, "\\x9b31m"); /* the one-character form of ESC [ */
  expect_shown("a\nb\tc", false, "a\\nb\\tc");
  expect_shown("a\nb\tc", true, "a\nb    c");
  expect_shown("a\x1b\nb", true, "a\\x1b\nb");
  expect_shown(NULL, true, "");
}

static void direction_marks_are_shown_and_text_is_not(void **state) {
  (void)state;
  expect_shown("\xe2\x80\xaa\xe2\x80\xae\xe2\x81\xa6\xe2\x81\xa9", false, "\\u202a\\u202e\\u2066\\u2069");
  expect_shown("\xe2\x80\xa8\xef\xbb\xbf\xf3\xa0\x81\x81", false, "\\u2028\\ufeff\\U000e0041");
  expect_shown("\xd7\xa9\xd7\x9c \xe4\xbd\xa0 \xf0\x9f\x8c\x8a \xc3\xa9", false,
               "\xd7\xa9\xd7\x9c \xe4\xbd\xa0 \xf0\x9f\x8c\x8a \xc3\xa9");
}

static void width_is_in_columns(void **state) {
  (void)state;
  assert_int_equal(text_width(""), 0);
  assert_int_equal(text_width("abc"), 3);
  assert_int_equal(text_width("e\xcc\x81"), 1);        /* e and a combining acute */
  assert_int_equal(text_width("\xe4\xbd\xa0"), 2);     /* Chinese */
  assert_int_equal(text_width("\xf0\x9f\x8c\x8a"), 2); /* emoji */
  assert_int_equal(text_width("\xd7\xa9\xd7\x9c"), 2); /* Hebrew */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(valid_text_stays),
      cmocka_unit_test(invalid_bytes_are_replaced),
      cmocka_unit_test(any_bytes_become_utf8),
      cmocka_unit_test(controls_are_shown),
      cmocka_unit_test(direction_marks_are_shown_and_text_is_not),
      cmocka_unit_test(width_is_in_columns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
