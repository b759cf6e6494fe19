/* Whatever the bytes are: the reader neither crashes nor reads beyond them, and what it accepts, it accepts again as
 * the writer writes it, to the same bytes. Each input is read as it is, and with the checksum behind it that it would
 * need, so that the fuzzer comes to the lines. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "platform/buf.h"
#include "strategy/schedule.h"
#include "strategy/schedule_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds) {
  if (!holds) {
    abort();
  }
}

static void read_and_write(const char *text, size_t len) {
  struct schedule schedule;
  struct err err = ERR_INIT;
  if (!schedule_read(text, len, &schedule, &err)) {
    check(err.code == ERR_USAGE && err.msg[0] != '\0' && !strchr(err.msg, '\n'));
    return;
  }
  char *once = schedule_write(&schedule);
  struct schedule again;
  check(schedule_read(once, strlen(once), &again, &err));
  char *twice = schedule_write(&again);
  check(strcmp(once, twice) == 0);
  check(again.switch_count == schedule.switch_count && again.number_count == schedule.number_count);
  struct schedule copy;
  schedule_copy(&copy, &again);
  char *copied = schedule_write(&copy);
  check(strcmp(once, copied) == 0);
  free(copied);
  free(twice);
  free(once);
  schedule_free(&copy);
  schedule_free(&again);
  schedule_free(&schedule);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  read_and_write((const char *)data, size);
  struct buf ended = {0};
  buf_add(&ended, data, size);
  buf_printf(&ended, "end %016" PRIx64 "\n", schedule_checksum(ended.data, ended.len));
  read_and_write(ended.data, ended.len);
  buf_free(&ended);
  return 0;
}
