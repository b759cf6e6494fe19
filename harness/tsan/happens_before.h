/* Which accesses are ordered, by vector clocks: the order of each thread, and what synchronisation adds to it.
 *
 * After Mattern, "Virtual Time and Global States of Distributed Systems", 1989, and FastTrack (Flanagan and Freund,
 * PLDI 2009): an access is remembered as its thread's clock, and is ordered before another thread's if that thread has
 * heard of that clock. Of each cell and thread the last read and the last write are kept.
 *
 * It decides what is told to ThreadSanitizer again (a race that was reported costs some 50 µs each further time), and
 * what a race did in this very run. Knows nothing of Python. Nothing is freed before the process ends: hb_reset() uses
 * all of it again. Threading: one thread at a time. */
#ifndef FF_TSAN_HAPPENS_BEFORE_H
#define FF_TSAN_HAPPENS_BEFORE_H

#include <stdbool.h>
#include <stdint.h>

#define HB_MOST_THREADS 64
#define HB_MOST_RACES 8 /* told of one access */

struct hb_access {
  int thread;
  bool write;
  uint32_t stack;     /* the caller's name for where it is */
  uint64_t operation; /* the call that it belongs to, for lost updates; 0: none */
  uint64_t iteration; /* the loop that it belongs to; 0: none */
  bool begins;        /* it is the loop's first */
};

/* What an unordered access of another thread was seen to do. */
enum hb_effect {
  HB_NOTHING,
  HB_LOST_UPDATE, /* read, the other's write, write: in one operation, so that the other's write was never seen */
  HB_CHANGED,     /* read, the other's write, read: in one iteration */
};

struct hb_race {
  enum hb_effect effect;
  struct hb_access other;  /* the earlier access, of another thread */
  struct hb_access before; /* with an effect: this thread's read before it */
};

void hb_reset(void);

/* A new cell or synchronisation object; its number. */
uint32_t hb_new_cell(void);
uint32_t hb_new_sync(void);

void hb_acquire(int thread, uint32_t sync); /* comes after all that was released there */
void hb_release(int thread, uint32_t sync);

/* Enters the access, and tells which accesses it is not ordered with; how many (the last ones, where there are more).
 */
int hb_touch(uint32_t cell, const struct hb_access *access, struct hb_race races[HB_MOST_RACES]);

#endif
