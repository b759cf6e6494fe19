#include "tsan/happens_before.h"

#include <string.h>

#include "platform/mem.h"

struct seen {
  uint64_t at; /* the how manieth access of all; 0: none */
  uint32_t clock;
  uint32_t stack;
  uint64_t operation;
  uint64_t iteration;
};

/* What one thread did to one cell. */
struct entry {
  uint32_t next; /* of the same cell; 0: none */
  int thread;
  struct seen read, write;
  uint64_t raced; /* threads whose reads the write was not ordered with, a bit each */
};

typedef uint32_t vector[HB_MOST_THREADS];

static struct {
  int threads; /* that did anything: the others' clocks are 0 */
  vector clocks[HB_MOST_THREADS];
  vector *syncs;
  uint32_t sync_count, sync_cap;
  uint32_t *cells; /* the first entry of each */
  uint32_t cell_count, cell_cap;
  struct entry *entries; /* from 1 */
  uint32_t entry_count, entry_cap;
  uint64_t at;
} hb = {.entry_count = 1};

/* By hand: the sanitizer's memset() would take note of each byte. */
static void clear(uint32_t *clocks, int count) {
  for (int i = 0; i < count; i++) {
    *(volatile uint32_t *)&clocks[i] = 0;
  }
}

/* Threads come in the order of their numbers, mostly. */
static void know(int thread) {
  for (; hb.threads <= thread; hb.threads++) {
    clear(hb.clocks[hb.threads], HB_MOST_THREADS);
    hb.clocks[hb.threads][hb.threads] = 1;
  }
}

void hb_reset(void) {
  hb.threads = 0;
  hb.sync_count = hb.cell_count = 0;
  hb.entry_count = 1;
  hb.at = 0;
}

uint32_t hb_new_cell(void) {
  if (hb.cell_count == hb.cell_cap) {
    hb.cell_cap = hb.cell_cap ? hb.cell_cap * 2 : 1024;
    hb.cells = mem_grow(hb.cells, hb.cell_cap * sizeof *hb.cells);
  }
  hb.cells[hb.cell_count] = 0;
  return hb.cell_count++;
}

uint32_t hb_new_sync(void) {
  if (hb.sync_count == hb.sync_cap) {
    hb.sync_cap = hb.sync_cap ? hb.sync_cap * 2 : 64;
    hb.syncs = mem_grow(hb.syncs, hb.sync_cap * sizeof *hb.syncs);
  }
  clear(hb.syncs[hb.sync_count], HB_MOST_THREADS);
  return hb.sync_count++;
}

static void hear(vector into, const vector from) {
  for (int i = 0; i < hb.threads; i++) {
    into[i] = into[i] > from[i] ? into[i] : from[i];
  }
}

void hb_acquire(int thread, uint32_t sync) {
  know(thread);
  hear(hb.clocks[thread], hb.syncs[sync]);
}

void hb_release(int thread, uint32_t sync) {
  know(thread);
  hear(hb.syncs[sync], hb.clocks[thread]);
  hb.clocks[thread][thread]++;
}

static struct entry *entry_of(uint32_t cell, int thread) {
  for (uint32_t i = hb.cells[cell]; i; i = hb.entries[i].next) {
    if (hb.entries[i].thread == thread) {
      return &hb.entries[i];
    }
  }
  if (hb.entry_count >= hb.entry_cap) {
    hb.entry_cap = hb.entry_cap ? hb.entry_cap * 2 : 2048;
    hb.entries = mem_grow(hb.entries, hb.entry_cap * sizeof *hb.entries);
  }
  struct entry *entry = &hb.entries[hb.entry_count];
  *entry = (struct entry){.next = hb.cells[cell], .thread = thread};
  hb.cells[cell] = hb.entry_count++;
  return entry;
}

static bool unordered(const struct seen *seen, int by, int with) {
  return seen->at && seen->clock > hb.clocks[with][by];
}

static struct hb_access told(const struct seen *seen, int thread, bool write) {
  return (struct hb_access){.thread = thread,
                            .write = write,
                            .stack = seen->stack,
                            .operation = seen->operation,
                            .iteration = seen->iteration};
}

/* Whether the other's write, which came since this thread read, is destroyed or noticed too late. The write may be
 * ordered with this access and yet not with that read: a check without the lock, say, and the act with it. */
static enum hb_effect effect_of(const struct entry *mine, const struct entry *other, const struct hb_access *access) {
  const struct seen *read = &mine->read;
  bool came_between = read->at && read->at > mine->write.at && read->at < other->write.at;
  if (!came_between) {
    return HB_NOTHING;
  }
  if (access->write) {
    return access->operation && access->operation == read->operation ? HB_LOST_UPDATE : HB_NOTHING;
  }
  bool goes_on = access->iteration && !access->begins && access->iteration == read->iteration;
  return goes_on ? HB_CHANGED : HB_NOTHING;
}

struct list {
  struct hb_race *races;
  int count;
};

static void tell(struct list *list, enum hb_effect effect, struct hb_access other, const struct entry *mine) {
  if (list->count < HB_MOST_RACES) {
    list->races[list->count++] =
        (struct hb_race){.effect = effect, .other = other, .before = told(&mine->read, mine->thread, false)};
  }
}

/* The access of `mine`'s thread, against all that another did. */
static void compare(struct list *list, struct entry *mine, const struct entry *other, const struct hb_access *access,
                    uint64_t *raced) {
  int me = access->thread, them = other->thread;
  bool write_raced = unordered(&other->write, them, me);
  bool read_raced = other->write.at && (other->raced >> me & 1);
  enum hb_effect effect = write_raced || read_raced ? effect_of(mine, other, access) : HB_NOTHING;
  if (write_raced) {
    tell(list, HB_NOTHING, told(&other->write, them, true), mine);
  }
  if (effect != HB_NOTHING) {
    tell(list, effect, told(&other->write, them, true), mine);
  }
  if (access->write && unordered(&other->read, them, me)) {
    tell(list, HB_NOTHING, told(&other->read, them, false), mine);
    *raced |= UINT64_C(1) << them;
  }
}

int hb_touch(uint32_t cell, const struct hb_access *access, struct hb_race races[HB_MOST_RACES]) {
  know(access->thread);
  struct entry *mine = entry_of(cell, access->thread);
  struct list list = {.races = races};
  uint64_t raced = 0;
  for (uint32_t i = hb.cells[cell]; i; i = hb.entries[i].next) {
    if (&hb.entries[i] != mine) {
      compare(&list, mine, &hb.entries[i], access, &raced);
    }
  }
  struct seen seen = {.at = ++hb.at,
                      .clock = hb.clocks[access->thread][access->thread],
                      .stack = access->stack,
                      .operation = access->operation,
                      .iteration = access->iteration};
  if (access->write) {
    mine->write = seen;
    mine->raced = raced;
  } else {
    mine->read = seen;
  }
  return list.count;
}
