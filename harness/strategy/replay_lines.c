#include "strategy/replay_lines.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

static int index_of(const struct schedule *schedule, const char *name) {
  for (size_t i = 0; name && i < schedule->threads.count && i < STRATEGY_MOST_THREADS; i++) {
    if (strcmp(schedule->threads.items[i], name) == 0) {
      return (int)i;
    }
  }
  return -1;
}

static int by_name_and_place(const void *one, const void *other) {
  const struct replay_wanted *a = one;
  const struct replay_wanted *b = other;
  if (a->name != b->name) {
    return a->name < b->name ? -1 : 1;
  }
  return a->place < b->place ? -1 : a->place > b->place;
}

static void sort_wanted(struct replay_lines *lines) {
  if (lines->wanted_count == 0) {
    return;
  }
  qsort(lines->wanted, lines->wanted_count, sizeof *lines->wanted, by_name_and_place);
  size_t kept = 1;
  for (size_t i = 1; i < lines->wanted_count; i++) {
    if (by_name_and_place(&lines->wanted[i], &lines->wanted[kept - 1]) != 0) {
      lines->wanted[kept++] = lines->wanted[i];
    }
  }
  lines->wanted_count = kept;
}

/* The next line of a name, from `from` on. */
static void seek(struct replay_lines *lines, int name, size_t from) {
  while (from < lines->schedule->switch_count && lines->lines[from].name != name) {
    from++;
  }
  lines->next[name] = from;
  lines->seen[name] = 0;
}

void replay_lines_open(struct replay_lines *lines, const struct schedule *schedule) {
  *lines = (struct replay_lines){.schedule = schedule};
  lines->lines = mem_alloc((schedule->switch_count + 1) * sizeof *lines->lines);
  lines->wanted = mem_alloc((schedule->switch_count + 1) * sizeof *lines->wanted);
  for (size_t i = 0; i < schedule->switch_count; i++) {
    const struct schedule_switch *one = &schedule->switches[i];
    struct replay_line *line = &lines->lines[i];
    line->name = index_of(schedule, one->thread);
    if (one->how == SWITCH_PREEMPTED) {
      line->place = schedule_place_id(one->place.file, one->place.function, one->place.offset, one->place.op);
      lines->wanted[lines->wanted_count++] = (struct replay_wanted){.name = line->name, .place = line->place};
    }
  }
  sort_wanted(lines);
  lines->numbers = mem_alloc((schedule->threads.count + 1) * sizeof *lines->numbers);
  for (size_t i = 0; i < schedule->threads.count; i++) {
    lines->numbers[i] = -1;
    if (i < STRATEGY_MOST_THREADS) {
      seek(lines, (int)i, 0);
    }
  }
  for (int i = 0; i < STRATEGY_MOST_THREADS; i++) {
    lines->name_of[i] = -1;
  }
}

void replay_lines_close(struct replay_lines *lines) {
  for (int i = 0; i < STRATEGY_MOST_THREADS; i++) {
    free(lines->names[i]);
  }
  free(lines->lines);
  free(lines->wanted);
  free(lines->numbers);
}

void replay_lines_name(struct replay_lines *lines, int thread, const char *name) {
  if (thread < 0 || thread >= STRATEGY_MOST_THREADS) {
    return;
  }
  free(lines->names[thread]);
  lines->names[thread] = mem_dup(name);
  int index = index_of(lines->schedule, name);
  lines->name_of[thread] = index;
  if (index >= 0) {
    lines->numbers[index] = thread;
  }
}

const char *replay_lines_name_of(const struct replay_lines *lines, int thread) {
  return thread >= 0 && thread < STRATEGY_MOST_THREADS ? lines->names[thread] : NULL;
}

static int name_of(const struct replay_lines *lines, int thread) {
  return thread >= 0 && thread < STRATEGY_MOST_THREADS ? lines->name_of[thread] : -1;
}

int replay_lines_thread_of(const struct replay_lines *lines, const char *name) {
  int index = index_of(lines->schedule, name);
  return index < 0 ? -1 : lines->numbers[index];
}

static struct replay_wanted *find_wanted(const struct replay_lines *lines, int name, uint64_t place) {
  const struct replay_wanted key = {.name = name, .place = place};
  return bsearch(&key, lines->wanted, lines->wanted_count, sizeof key, by_name_and_place);
}

void replay_lines_visit(struct replay_lines *lines, int thread, uint64_t place) {
  int name = name_of(lines, thread);
  lines->at_place = false;
  if (name < 0) {
    return;
  }
  struct replay_wanted *wanted = find_wanted(lines, name, place);
  if (wanted) {
    wanted->seen = true;
  }
  size_t line = lines->next[name];
  if (line < lines->schedule->switch_count && lines->lines[line].place == place && place != 0) {
    lines->at_place = true;
    lines->seen[name]++;
  }
}

bool replay_lines_is_own(const struct replay_lines *lines, size_t line, int thread) {
  int name = name_of(lines, thread);
  return name >= 0 && lines->lines[line].name == name;
}

const struct schedule_switch *replay_lines_current(const struct replay_lines *lines, int thread) {
  int name = name_of(lines, thread);
  if (name < 0 || lines->next[name] == lines->schedule->switch_count) {
    return NULL;
  }
  return &lines->schedule->switches[lines->next[name]];
}

bool replay_lines_is_at(const struct replay_lines *lines, int thread) {
  return name_of(lines, thread) >= 0 && lines->at_place;
}

uint32_t replay_lines_seen(const struct replay_lines *lines, int thread) {
  int name = name_of(lines, thread);
  return name < 0 ? 0 : lines->seen[name];
}

void replay_lines_pass(struct replay_lines *lines, int thread) {
  int name = name_of(lines, thread);
  lines->at_place = false;
  if (name >= 0 && lines->next[name] < lines->schedule->switch_count) {
    seek(lines, name, lines->next[name] + 1);
  }
}

void replay_lines_pass_to(struct replay_lines *lines, int thread, enum switch_how how) {
  int name = name_of(lines, thread);
  for (size_t i = name < 0 ? lines->schedule->switch_count : lines->next[name]; i < lines->schedule->switch_count;
       i++) {
    if (lines->lines[i].name == name && lines->schedule->switches[i].how == how) {
      if (i != lines->next[name]) {
        seek(lines, name, i);
      }
      return;
    }
  }
}

bool replay_lines_never_there(const struct replay_lines *lines, size_t line) {
  const struct schedule_switch *one = &lines->schedule->switches[line];
  if (replay_lines_thread_of(lines, one->thread) < 0 || replay_lines_thread_of(lines, one->next) < 0) {
    return true;
  }
  const struct replay_wanted *wanted =
      one->how == SWITCH_PREEMPTED ? find_wanted(lines, lines->lines[line].name, lines->lines[line].place) : NULL;
  return wanted && !wanted->seen;
}
