#include "tsan/shadow.h"

#include <stdio.h>
#include <sys/mman.h>

#include "platform/mem.h"
#include "tsan/places.h"
#include "tsan/report.h"

/* The runtime's interface; weak, for builds without it. */
void *__tsan_get_current_fiber(void) __attribute__((weak));
void *__tsan_create_fiber(unsigned flags) __attribute__((weak));
void __tsan_destroy_fiber(void *fiber) __attribute__((weak));
void __tsan_switch_to_fiber(void *fiber, unsigned flags) __attribute__((weak));
void __tsan_set_fiber_name(void *fiber, const char *name) __attribute__((weak));
void __tsan_func_entry(void *pc) __attribute__((weak));
void __tsan_func_exit(void) __attribute__((weak));
void __tsan_read8_pc(void *addr, void *pc) __attribute__((weak));
void __tsan_write8_pc(void *addr, void *pc) __attribute__((weak));
void __tsan_acquire(void *addr) __attribute__((weak));
void __tsan_release(void *addr) __attribute__((weak));

#define NO_SYNC 1u

struct shadow_thread {
  void *fiber;
  uint32_t base;              /* the outermost place: the thread itself */
  struct shadow_thread *next; /* among those that are free */
};

static struct {
  uint64_t *cells, *syncs;
  struct shadow_thread home;
  uint32_t base; /* of threads that start */
  struct shadow_thread *free;
  bool fresh;
} own;

static void *reserve(void) {
  void *memory = mmap(NULL, SHADOW_MOST * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static uint32_t base_place(void) { return places_add("the thread's beginning", "Python", 0); }

bool shadow_open(void) {
  if (!__tsan_create_fiber) {
    return false;
  }
  if (!own.cells) {
    own.cells = reserve();
    own.syncs = reserve();
    own.home.fiber = __tsan_create_fiber(0);
    own.base = own.home.base = base_place();
  }
  return own.cells && own.syncs;
}

static void *enter(const struct shadow_thread *thread) {
  void *outside = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(thread->fiber, NO_SYNC);
  return outside;
}

static void leave(void *outside) { __tsan_switch_to_fiber(outside, NO_SYNC); }

static void *pc_of(uint32_t place) {
  return (void *)(uintptr_t)places_pc(place); /* NOLINT(performance-no-int-to-ptr): no memory is there */
}

/* Calls, from the outermost, all but the innermost `but` of them. How many. */
static int push(uint32_t base, uint32_t stack, int but) {
  int count = 0;
  const uint32_t *places = stack ? places_of_stack(stack, &count) : NULL;
  __tsan_func_entry(pc_of(base));
  for (int i = count - 1; i >= but; i--) {
    __tsan_func_entry(pc_of(places[i]));
  }
  return count > but ? count - but + 1 : 1;
}

static void pop(int count) {
  while (count--) {
    __tsan_func_exit();
  }
}

static void destroy(struct shadow_thread *thread) {
  if (thread->fiber) {
    __tsan_destroy_fiber(thread->fiber);
    thread->fiber = NULL;
  }
}

struct shadow_thread *shadow_start(struct shadow_thread *parent, uint32_t stack, const char *name) {
  if (!own.cells) {
    return NULL;
  }
  struct shadow_thread *thread = own.free;
  if (thread) {
    own.free = thread->next;
  } else {
    thread = mem_alloc(sizeof *thread);
  }
  const struct shadow_thread *creator = parent ? parent : &own.home;
  void *outside = enter(creator);
  if (thread->fiber) {
    __tsan_release(own.syncs);
    __tsan_switch_to_fiber(thread->fiber, NO_SYNC);
    __tsan_acquire(own.syncs);
  } else {
    int pushed = push(creator->base, stack, 0);
    thread->fiber = __tsan_create_fiber(0);
    pop(pushed);
  }
  leave(outside);
  thread->base = own.base;
  __tsan_set_fiber_name(thread->fiber, name);
  return thread;
}

void shadow_fresh_threads(bool wanted) {
  own.fresh = wanted;
  for (struct shadow_thread *thread = own.free; wanted && thread; thread = thread->next) {
    destroy(thread);
  }
}

void shadow_ended(struct shadow_thread *thread) {
  if (!thread) {
    return;
  }
  void *outside = enter(thread);
  __tsan_release(own.syncs);
  __tsan_switch_to_fiber(own.home.fiber, NO_SYNC);
  __tsan_acquire(own.syncs);
  leave(outside);
  if (own.fresh) {
    destroy(thread);
  }
  thread->next = own.free;
  own.free = thread;
}

void shadow_touch(struct shadow_thread *thread, uint32_t cell, bool write, uint32_t stack) {
  if (!thread || cell >= SHADOW_MOST) {
    return;
  }
  int count;
  void *innermost = pc_of(places_of_stack(stack, &count)[0]);
  tsan_keep_report(true);
  void *outside = enter(thread);
  int pushed = push(thread->base, stack, 1);
  (write ? __tsan_write8_pc : __tsan_read8_pc)(&own.cells[cell], innermost);
  pop(pushed);
  leave(outside);
  tsan_keep_report(false);
}

void shadow_acquire(struct shadow_thread *thread, uint32_t sync) {
  if (thread && sync + 1 < SHADOW_MOST) {
    void *outside = enter(thread);
    __tsan_acquire(&own.syncs[sync + 1]);
    leave(outside);
  }
}

void shadow_release(struct shadow_thread *thread, uint32_t sync) {
  if (thread && sync + 1 < SHADOW_MOST) {
    void *outside = enter(thread);
    __tsan_release(&own.syncs[sync + 1]);
    leave(outside);
  }
}

const char *shadow_report(void) { return tsan_kept_report(); }

void shadow_report_again(bool wanted) { own.base = wanted ? base_place() : own.home.base; }
