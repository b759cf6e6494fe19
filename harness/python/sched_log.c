#include "python/python.h"

#include "python/sched_log.h"

#include "platform/mem.h"
#include "python/sched.h"

struct entry {
  int thread;
  int next;
  enum switch_how how;
  struct code_info *info; /* of a preemption */
  int offset;
  uint32_t occurrence;
};

/* Places that a thread passed since it was last handed control: how often it was where it is stopped. */
struct passed {
  uint64_t *places;
  size_t count;
  size_t room;
};

static struct {
  int first;
  struct entry *entries;
  size_t count;
  size_t room;
  uint64_t *numbers;
  size_t number_count;
  size_t number_room;
  struct passed passed[STRATEGY_MOST_THREADS];
} record;

void log_clear(void) {
  record.count = 0;
  record.number_count = 0;
}

void log_first(int thread) { record.first = thread; }
void log_thread(int thread) { record.passed[thread].count = 0; }
void log_resumed(int thread) { record.passed[thread].count = 0; }

void log_passed(int thread, uint64_t place) {
  struct passed *passed = &record.passed[thread];
  if (passed->count == passed->room) {
    passed->room = passed->room ? 2 * passed->room : 256;
    passed->places = mem_grow(passed->places, passed->room * sizeof *passed->places);
  }
  passed->places[passed->count++] = place;
}

static uint32_t occurrence_of_last(const struct passed *passed) {
  uint32_t times = 0;
  for (size_t i = 0; i < passed->count; i++) {
    times += passed->places[i] == passed->places[passed->count - 1];
  }
  return times;
}

void log_switch(int thread, enum switch_how how, struct code_info *info, int offset, int next) {
  if (record.count == record.room) {
    record.room = record.room ? 2 * record.room : 64;
    record.entries = mem_grow(record.entries, record.room * sizeof *record.entries);
  }
  uint32_t occurrence = info ? occurrence_of_last(&record.passed[thread]) : 0;
  record.entries[record.count++] = (struct entry){thread, next, how, info, offset, occurrence};
}

void log_number(uint64_t number) {
  if (record.number_count == record.number_room) {
    record.number_room = record.number_room ? 2 * record.number_room : 16;
    record.numbers = mem_grow(record.numbers, record.number_room * sizeof *record.numbers);
  }
  record.numbers[record.number_count++] = number;
}

static void add_entry(struct schedule *out, const struct entry *entry) {
  struct schedule_switch *to = schedule_add(out);
  to->thread = mem_dup(sched_thread_name(entry->thread));
  to->how = entry->how;
  to->next = mem_dup(sched_thread_name(entry->next));
  if (entry->info) {
    uint32_t line = code_map_line(entry->info, entry->offset);
    to->place.file = mem_dup(entry->info->file);
    to->place.function = mem_dup(entry->info->function);
    to->place.line = line;
    to->place.offset = line > entry->info->first_line ? line - entry->info->first_line : 0;
    to->place.op = mem_dup(code_map_op(entry->info, entry->offset));
    to->occurrence = entry->occurrence;
  }
}

void sched_record(struct schedule *out) {
  for (int i = 0; i < sched_thread_count(); i++) {
    strlist_add(&out->threads, sched_thread_name(i));
  }
  out->first = mem_dup(sched_thread_name(record.first));
  out->numbers = mem_alloc(record.number_count * sizeof *out->numbers);
  out->number_count = record.number_count;
  for (size_t i = 0; i < record.number_count; i++) {
    out->numbers[i] = record.numbers[i];
  }
  for (size_t i = 0; i < record.count; i++) {
    add_entry(out, &record.entries[i]);
  }
}
