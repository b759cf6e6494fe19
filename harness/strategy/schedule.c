/* The text of a schedule, UTF-8, lines that end in one LF:
 *
 *   schedule  = "flashflood schedule " VERSION LF             the version in the first line, 1 today
 *               "scenario " STRING LF
 *               "target " STRING LF
 *               "python " STRING LF
 *               "points " STRING LF
 *               "finding " STRING " " STRING LF               kind, fingerprint
 *               "actors " NUMBER LF                           as --threads says, 0 to 64
 *               1*64("thread " STRING LF)                     in the order of creation; each name once
 *               "first " STRING LF                            one of the threads, as in every switch
 *               *("number " NUMBER LF)                        what flashflood.choose() gave
 *               *("switch " (preempted / forced) " -> " STRING LF)
 *               "end " 16HEX LF                               checksum of every byte before this line
 *   preempted = STRING " preempted " STRING ":" NUMBER "+" NUMBER " " STRING " " STRING " #" NUMBER
 *               thread, file, line, offset of the line in its function, qualified name, instruction, occurrence
 *   forced    = STRING (" waits" / " ended")
 *   NUMBER    = decimal, no sign, no leading zero
 *   STRING    = the text, where a space, '%', and what a terminal could be misled by (controls, marks that turn the
 *               direction of writing) are %XX for each byte; a lone "%" is the empty string
 *
 * The order of lines is fixed, so that one schedule has one text. The checksum (FNV-1a, 64 bits) shows truncation and
 * damage. schedule_read.c reads it. */
#include "strategy/schedule.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "platform/mem.h"
#include "strategy/schedule_text.h"

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

const char *const SCHEDULE_HOW_NAMES[] = {"preempted", "waits", "ended"};

static uint64_t hash_more(uint64_t hash, const void *bytes, size_t len) {
  for (size_t i = 0; i < len; i++) {
    hash = (hash ^ ((const unsigned char *)bytes)[i]) * FNV_PRIME;
  }
  return hash;
}

uint64_t schedule_checksum(const char *text, size_t len) { return hash_more(FNV_BASIS, text, len); }

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

/* The instructions at which control can move differ from Python to Python by name, and not by what they are. */
static const char *class_of(const char *op) {
  if (begins(op, "INSTRUMENTED_")) {
    op += strlen("INSTRUMENTED_");
  }
  if (begins(op, "RESUME")) {
    return "entry";
  }
  if (begins(op, "JUMP_BACKWARD") || begins(op, "POP_JUMP_BACKWARD_IF_") || strcmp(op, "JUMP_ABSOLUTE") == 0 ||
      strcmp(op, "ENTER_EXECUTOR") == 0) { /* stands where JUMP_BACKWARD was, once the loop is hot */
    return "loop";
  }
  if ((begins(op, "CALL") && !begins(op, "CALL_INTRINSIC")) || begins(op, "PRECALL")) {
    return "call";
  }
  return op;
}

uint64_t schedule_place_id(const char *file, const char *function, uint32_t offset, const char *op) {
  const char *class = class_of(op ? op : "");
  const unsigned char line[4] = {offset & 0xff, offset >> 8 & 0xff, offset >> 16 & 0xff, offset >> 24};
  uint64_t hash = FNV_BASIS;
  hash = hash_more(hash, file ? file : "", file ? strlen(file) + 1 : 1);
  hash = hash_more(hash, function ? function : "", function ? strlen(function) + 1 : 1);
  hash = hash_more(hash, line, sizeof line);
  hash = hash_more(hash, class, strlen(class));
  return hash ? hash : 1;
}

/* A character as it is, or %XX for each byte where it would end a word or mislead who reads the file. */
static void put_character(struct buf *out, uint32_t character) {
  struct buf plain = {0};
  struct buf shown = {0};
  text_put(&plain, character);
  text_show(&shown, buf_text(&plain), false);
  if (character == ' ' || character == '%' || strcmp(buf_text(&plain), buf_text(&shown)) != 0) {
    for (size_t i = 0; i < plain.len; i++) {
      buf_printf(out, "%%%02X", (unsigned char)plain.data[i]);
    }
  } else {
    buf_puts(out, buf_text(&plain));
  }
  buf_free(&shown);
  buf_free(&plain);
}

static void put_string(struct buf *out, const char *before, const char *text) {
  buf_puts(out, before);
  if (!text || !*text) {
    buf_puts(out, "%");
    return;
  }
  uint32_t character;
  for (size_t len; (len = text_next(text, &character)) > 0; text += len) {
    if (character > ' ' && character < 0x7f && character != '%') { /* nearly all are */
      buf_add(out, text, 1);
    } else {
      put_character(out, character);
    }
  }
}

static void put_switch(struct buf *out, const struct schedule_switch *one) {
  put_string(out, "switch ", one->thread);
  buf_printf(out, " %s", SCHEDULE_HOW_NAMES[one->how]);
  if (one->how == SWITCH_PREEMPTED) {
    put_string(out, " ", one->place.file);
    buf_printf(out, ":%" PRIu32 "+%" PRIu32, one->place.line, one->place.offset);
    put_string(out, " ", one->place.function);
    put_string(out, " ", one->place.op);
    buf_printf(out, " #%" PRIu32, one->occurrence);
  }
  put_string(out, " -> ", one->next);
  buf_puts(out, "\n");
}

char *schedule_write(const struct schedule *schedule) {
  struct buf out = {0};
  buf_printf(&out, SCHEDULE_MAGIC "%d", SCHEDULE_VERSION);
  put_string(&out, "\nscenario ", schedule->scenario);
  put_string(&out, "\ntarget ", schedule->target);
  put_string(&out, "\npython ", schedule->python);
  put_string(&out, "\npoints ", schedule->points);
  put_string(&out, "\nfinding ", schedule->kind);
  put_string(&out, " ", schedule->fingerprint);
  buf_printf(&out, "\nactors %" PRIu64, schedule->thread_count);
  for (size_t i = 0; i < schedule->threads.count; i++) {
    put_string(&out, "\nthread ", schedule->threads.items[i]);
  }
  put_string(&out, "\nfirst ", schedule->first);
  buf_puts(&out, "\n");
  for (size_t i = 0; i < schedule->number_count; i++) {
    buf_printf(&out, "number %" PRIu64 "\n", schedule->numbers[i]);
  }
  for (size_t i = 0; i < schedule->switch_count; i++) {
    put_switch(&out, &schedule->switches[i]);
  }
  buf_printf(&out, "end %016" PRIx64 "\n", schedule_checksum(out.data, out.len));
  return buf_take(&out);
}

/* The array always has room for the next power of two, which saves a field for its capacity. */
static size_t room_for(size_t count) {
  size_t room = 8;
  while (room < count) {
    room *= 2;
  }
  return room;
}

struct schedule_switch *schedule_add(struct schedule *schedule) {
  size_t count = schedule->switch_count;
  if (count == 0 || room_for(count) < count + 1) {
    schedule->switches = mem_grow(schedule->switches, room_for(count + 1) * sizeof *schedule->switches);
  }
  struct schedule_switch *added = &schedule->switches[schedule->switch_count++];
  *added = (struct schedule_switch){0};
  return added;
}

static void copy_switch(struct schedule_switch *to, const struct schedule_switch *from) {
  *to = *from;
  to->thread = mem_dup(from->thread);
  to->place.file = mem_dup(from->place.file);
  to->place.function = mem_dup(from->place.function);
  to->place.op = mem_dup(from->place.op);
  to->next = mem_dup(from->next);
}

void schedule_copy(struct schedule *to, const struct schedule *from) {
  *to = (struct schedule){.thread_count = from->thread_count, .number_count = from->number_count};
  to->scenario = mem_dup(from->scenario);
  to->target = mem_dup(from->target);
  to->python = mem_dup(from->python);
  to->points = mem_dup(from->points);
  to->kind = mem_dup(from->kind);
  to->fingerprint = mem_dup(from->fingerprint);
  to->first = mem_dup(from->first);
  strlist_copy(&to->threads, &from->threads);
  if (from->number_count) {
    to->numbers = mem_alloc(from->number_count * sizeof *to->numbers);
    memcpy(to->numbers, from->numbers, from->number_count * sizeof *to->numbers);
  }
  for (size_t i = 0; i < from->switch_count; i++) {
    copy_switch(schedule_add(to), &from->switches[i]);
  }
}

void schedule_free(struct schedule *schedule) {
  for (size_t i = 0; i < schedule->switch_count; i++) {
    struct schedule_switch *one = &schedule->switches[i];
    free(one->thread);
    free(one->place.file);
    free(one->place.function);
    free(one->place.op);
    free(one->next);
  }
  free(schedule->switches);
  free(schedule->numbers);
  free(schedule->scenario);
  free(schedule->target);
  free(schedule->python);
  free(schedule->points);
  free(schedule->kind);
  free(schedule->fingerprint);
  free(schedule->first);
  strlist_free(&schedule->threads);
  *schedule = (struct schedule){0};
}
