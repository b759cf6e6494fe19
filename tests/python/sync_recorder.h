/* A listener that works out which marks come before which: a vector clock for each thread and each object. */
#ifndef FF_TESTS_PYTHON_SYNC_RECORDER_H
#define FF_TESTS_PYTHON_SYNC_RECORDER_H

#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/buf.h"
#include "platform/mem.h"
#include "platform/quiet.h"
#include "python/sync.h"

#define MOST_THREADS 64
#define MOST_OBJECTS 4096
#define MOST_MARKS 64

struct clock {
  uint64_t at[MOST_THREADS];
};

struct told_object {
  PyObject *object;
  struct clock clock;
};

struct mark {
  char name[32];
  int thread;
  struct clock clock;
};

struct token {
  struct clock clock;
  bool begun;
  pthread_t thread; /* that began */
  uint32_t number;  /* of the case */
};

static struct {
  struct quiet_lock lock; /* for builds without a GIL */
  uint32_t number;        /* of the case: what a thread was in an earlier one is over */
  struct clock threads[MOST_THREADS];
  struct told_object objects[MOST_OBJECTS];
  struct mark marks[MOST_MARKS];
  struct strlist names; /* of threads that were started */
  PyObject *gone[MOST_OBJECTS];
  int thread_count, object_count, mark_count, gone_count;
  int starting, begun, ended, not_begun, live;
  bool once;          /* stop listening with the next start */
  const char *broken; /* a promise of sync.h */
} told;

static _Thread_local uint32_t my_case;
static _Thread_local int my_index;

static void promise(bool kept, const char *what) { told.broken = kept ? told.broken : what; }

static void enter(void) {
  quiet_lock(&told.lock);
  promise(PyGILState_Check(), "the GIL is not held");
  if (told.thread_count == MOST_THREADS || told.object_count == MOST_OBJECTS || told.gone_count == MOST_OBJECTS) {
    fprintf(stderr, "too many threads or objects in one case\n");
    abort();
  }
}

static void leave(void) { quiet_unlock(&told.lock); }

static struct clock *new_thread(const struct clock *from) {
  my_case = told.number;
  my_index = told.thread_count++;
  told.threads[my_index] = from ? *from : (struct clock){{0}};
  told.threads[my_index].at[my_index] = 1;
  return &told.threads[my_index];
}

/* The caller's. One that nobody saw begin is ordered behind nothing. */
static struct clock *my_clock(void) { return my_case == told.number ? &told.threads[my_index] : new_thread(NULL); }

static struct told_object *told_object_of(PyObject *object) {
  for (int i = 0; i < told.object_count; i++) {
    if (told.objects[i].object == object) {
      return &told.objects[i];
    }
  }
  told.objects[told.object_count] = (struct told_object){object, {{0}}};
  return &told.objects[told.object_count++];
}

static void join_clock(struct clock *into, const struct clock *from) {
  for (int i = 0; i < MOST_THREADS; i++) {
    into->at[i] = from->at[i] > into->at[i] ? from->at[i] : into->at[i];
  }
}

static void on_acquired(PyObject *object) {
  enter();
  join_clock(my_clock(), &told_object_of(object)->clock);
  leave();
}

static void on_releasing(PyObject *object) {
  enter();
  struct clock *mine = my_clock();
  join_clock(&told_object_of(object)->clock, mine);
  mine->at[my_index]++;
  leave();
}

static void on_gone(PyObject *object) {
  enter();
  struct told_object *known = told_object_of(object);
  *known = told.objects[--told.object_count];
  told.gone[told.gone_count++] = object;
  leave();
}

static void *on_starting(const char *name) {
  enter();
  struct clock *mine = my_clock();
  struct token *token = mem_alloc(sizeof *token);
  *token = (struct token){.clock = *mine, .number = told.number};
  mine->at[my_index]++;
  strlist_add(&told.names, name);
  told.starting++;
  told.live++;
  if (told.once) {
    told.once = false;
    sync_listen(NULL);
  }
  leave();
  return token;
}

static void on_begun(void *arg) {
  enter();
  struct token *token = arg;
  promise(!token->begun, "a thread begins twice");
  token->begun = true;
  token->thread = pthread_self();
  new_thread(token->number == told.number ? &token->clock : NULL);
  told.begun += token->number == told.number;
  leave();
}

static void on_ended(void *arg) {
  enter();
  struct token *token = arg;
  promise(token->begun, "a thread ends that did not begin");
  promise(pthread_equal(token->thread, pthread_self()), "a thread ends on another");
  told.ended += token->number == told.number;
  told.live -= token->number == told.number;
  free(token);
  leave();
}

static void on_not_begun(void *arg) {
  enter();
  struct token *token = arg;
  promise(!token->begun, "a thread began that is said not to have");
  told.not_begun += token->number == told.number;
  told.live -= token->number == told.number;
  free(token);
  leave();
}

static const struct sync_listener recorder = {
    .acquired = on_acquired,
    .releasing = on_releasing,
    .gone = on_gone,
    .starting = on_starting,
    .begun = on_begun,
    .ended = on_ended,
    .not_begun = on_not_begun,
};

/* A new case; the caller is its first thread. */
static void recorder_reset(void) {
  quiet_lock(&told.lock);
  strlist_free(&told.names);
  told.number++;
  told.thread_count = told.object_count = told.mark_count = told.gone_count = 0;
  told.starting = told.begun = told.ended = told.not_begun = told.live = 0;
  told.broken = NULL;
  my_clock();
  leave();
}

static void recorder_mark(const char *name) {
  enter();
  if (told.mark_count < MOST_MARKS) {
    struct mark *mark = &told.marks[told.mark_count++];
    mark->clock = *my_clock();
    mark->thread = my_index;
    snprintf(mark->name, sizeof mark->name, "%s", name);
  }
  leave();
}

static const struct mark *recorder_find(const char *name, size_t len) {
  for (int i = 0; i < told.mark_count; i++) {
    if (strlen(told.marks[i].name) == len && !memcmp(told.marks[i].name, name, len)) {
      return &told.marks[i];
    }
  }
  return NULL;
}

static bool recorder_before(const struct mark *a, const struct mark *b) {
  return a->thread == b->thread ? a < b : a->clock.at[a->thread] <= b->clock.at[a->thread];
}

#endif
