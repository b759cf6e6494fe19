#include "python/python.h"

#include "python/observe.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "python/code_map.h"
#include "python/frame_peek.h"
#include "python/lift.h"
#include "python/lift_access.h"
#include "python/lift_events.h"
#include "python/lift_stack.h"
#include "python/observe_access.h"
#include "python/observe_decode.h"
#include "python/observe_names.h"
#include "python/observe_plan.h"
#include "python/opcode_events.h"
#include "strategy/strategy.h"

#define MOST_THREADS STRATEGY_MOST_THREADS
#define MOST_FRAMES 64   /* of one thread whose last accesses are remembered */
#define MOST_ACCESSES 24 /* of one instruction that are remembered */

/* What the last instruction of a frame that touched anything touched: told again when Python code that it called
 * through C comes back. Kept as cells, not as operands, which may be gone by then. */
struct told {
  const struct _PyInterpreterFrame *frame;
  int count; /* above MOST_ACCESSES: too many, unknown */
  uint64_t cells[MOST_ACCESSES];
  bool writes[MOST_ACCESSES];
};

struct thread_log {
  struct told *told;
  int count; /* the innermost frame is last */
};

struct awaited {
  const struct _PyInterpreterFrame *frame; /* NULL: nothing is awaited */
  const struct code_info *info;
  int offset;      /* of the instruction that shows the result */
  uint64_t number; /* 0: the result gets one of its own */
};

struct last {
  const struct _PyInterpreterFrame *frame;
  int next; /* offset behind the last instruction; -1: nothing to compare */
  PyObject *loaded;
};

static struct {
  observe_sink *sink; /* NULL: nobody reduces */
  bool lifts;
  void *arg;
  int (*thread)(void);
  struct thread_log logs[MOST_THREADS];
  struct told *open; /* of the instruction that is observed; NULL: not remembered */
  struct awaited awaited[MOST_THREADS];
  int awaiting;                      /* how many of them */
  struct _PyInterpreterFrame *frame; /* that is observed */
  const struct code_info *info;
  int offset;
  struct strlist unseen;
  uint64_t *unseen_times; /* of each */
  size_t last_unseen;     /* an index: the same mostly comes again */
  bool checking;
  struct last last[MOST_THREADS];
  uint64_t compared, wrong;
} own;

void observe_threads(int (*current)(void)) { own.thread = current; }

static int thread_now(void) {
  int thread = own.thread ? own.thread() : 0;
  return thread >= 0 && thread < MOST_THREADS ? thread : 0;
}

static void tell(void *arg, uint64_t cell, bool write) {
  (void)arg;
  own.sink(own.arg, cell, write);
  struct told *told = own.open;
  if (told) {
    if (told->count < MOST_ACCESSES) {
      told->cells[told->count] = cell;
      told->writes[told->count] = write;
    }
    told->count++;
  }
}

static size_t unseen_index(const char *what) {
  struct strlist *unseen = &own.unseen;
  if (own.last_unseen < unseen->count && strcmp(unseen->items[own.last_unseen], what) == 0) {
    return own.last_unseen;
  }
  for (size_t i = 0; i < unseen->count; i++) {
    if (strcmp(unseen->items[i], what) == 0) {
      return i;
    }
  }
  strlist_add(unseen, what);
  own.unseen_times = mem_grow(own.unseen_times, unseen->count * sizeof *own.unseen_times);
  own.unseen_times[unseen->count - 1] = 0;
  return unseen->count - 1;
}

void access_note(const char *what) {
  own.last_unseen = unseen_index(what);
  own.unseen_times[own.last_unseen]++;
}

void access_await_result(PyObject *owner) {
  struct awaited *awaited = &own.awaited[access_step.thread];
  own.awaiting += !awaited->frame;
  *awaited = (struct awaited){.frame = own.frame,
                              .info = own.info,
                              .offset = plan_next_offset(own.info, own.offset),
                              .number = owner ? names_number(owner) : 0};
}

/* The result of an instruction that published what nobody had a number for, or that is another object's __dict__. */
static void take_result(struct _PyInterpreterFrame *frame, const struct code_info *info, int offset, int depth) {
  struct awaited *awaited = &own.awaited[thread_now()];
  if (awaited->frame != frame || awaited->info != info) {
    return;
  }
  struct frame_view view;
  frame_peek(frame, &view);
  PyObject *result = awaited->offset == offset && depth > 0 ? view.stack[depth - 1] : NULL;
  if (result && awaited->number && PyDict_CheckExact(result)) {
    names_alias(result, awaited->number);
  } else if (result) {
    access_publish(result);
  }
  awaited->frame = NULL;
  own.awaiting--;
}

/* Opens the log of the instruction: forgets what inner frames did, which have ended. */
static struct told *open_log(const struct _PyInterpreterFrame *frame) {
  struct thread_log *log = &own.logs[access_step.thread];
  if (!log->told) {
    log->told = mem_alloc(MOST_FRAMES * sizeof *log->told);
  }
  for (int i = log->count - 1; i >= 0; i--) {
    if (log->told[i].frame == frame) {
      log->count = i + 1;
      log->told[i].count = 0;
      return &log->told[i];
    }
  }
  if (log->count == MOST_FRAMES) {
    return NULL;
  }
  struct told *told = &log->told[log->count++];
  told->frame = frame;
  told->count = 0;
  return told;
}

static void tell_again(const struct told *told) {
  if (told->count > MOST_ACCESSES) {
    own.sink(own.arg, STRATEGY_CELL_UNKNOWN, true);
    return;
  }
  for (int i = 0; i < told->count; i++) {
    own.sink(own.arg, told->cells[i], told->writes[i]);
  }
}

/* A frame that C code called is about to return, yield or be unwound: C code goes on, in this step. */
static void leave(struct _PyInterpreterFrame *frame) {
  if (own.lifts && lift_is_outermost(frame)) {
    lift_operation_ends();
  }
  if (!own.sink) {
    return;
  }
  struct _PyInterpreterFrame *below = frame_called_from_c(frame) ? frame_below(frame) : NULL;
  if (!below) {
    return;
  }
  const struct thread_log *log = &own.logs[thread_now()];
  for (int i = log->count - 1; i >= 0; i--) {
    if (log->told[i].frame == below) {
      tell_again(&log->told[i]);
      return;
    }
  }
  if (log->count == MOST_FRAMES || code_map_get(frame_code(below))->importer) {
    own.sink(own.arg, STRATEGY_CELL_UNKNOWN, true);
  }
}

static void check(struct _PyInterpreterFrame *frame, const struct code_info *info, int offset, int depth) {
  struct last *last = &own.last[thread_now()];
  struct frame_view view;
  frame_peek(frame, &view);
  int real = frame_depth(frame);
  if (real >= 0) {
    own.compared++;
    own.wrong += real != depth;
  }
  if (last->frame == frame && last->next == offset && last->loaded) {
    own.compared++;
    own.wrong += depth < 1 || view.stack[depth - 1] != last->loaded;
  }
  last->frame = frame;
  last->next = plan_next_offset(info, offset);
  last->loaded = plan_loaded(info, offset, &view);
}

static const struct plan_op *op_at(struct code_info *info, int offset) {
  const struct code_plan *plan = info->plan ? info->plan : plan_make(info);
  return &plan->ops[offset / 2];
}

static void arrive(struct _PyInterpreterFrame *frame, struct code_info *info, int offset) {
  if (own.awaiting) {
    take_result(frame, info, offset, op_at(info, offset)->depth);
  }
}

static void observe(struct _PyInterpreterFrame *frame, struct code_info *info, int offset) {
  const struct plan_op *op = op_at(info, offset);
  if (own.checking) {
    check(frame, info, offset, op->depth);
  }
  if (own.lifts && lift_event_orders(info)) {
    lift_event_step(frame, info, op);
  }
  if (op->kind == PLAN_NOTHING) {
    return;
  }
  if (op->kind == PLAN_LEAVE) {
    leave(frame);
    return;
  }
  lift_here = own.lifts && info->watched && lift_thread() >= 0;
  if (!lift_here && !own.sink) {
    return;
  }
  struct frame_view view;
  frame_peek(frame, &view);
  lift_at(frame);
  access_step = (struct access_step){
      .locals = view.locals, .slots = (int)(view.stack - view.locals) + op->depth, .thread = thread_now()};
  own.frame = frame;
  own.info = info;
  own.offset = offset;
  own.open = own.sink ? open_log(frame) : NULL;
  if (op->depth < 0 || op->kind == PLAN_UNKNOWN) {
    access_unknown(code_map_op(info, offset));
  } else {
    decode(op, &view);
  }
  own.open = NULL;
  lift_here = false;
}

static void unwind(struct _PyInterpreterFrame *frame) {
  if (frame) {
    lift_event_unwind(frame);
    leave(frame);
  }
}

static bool is_observed(const struct code_info *info) { return !info->importer; }

static bool is_lifted(const struct code_info *info) { return info->watched || lift_event_orders(info); }

bool observe_start(observe_sink *sink, void *arg, bool lifts, struct err *err) {
  static const struct opcode_observer observer = {.arrive = arrive, .observe = observe, .unwind = unwind};
  if (!frame_peek_works()) {
    return err_set(err, ERR_USAGE, "accesses can be observed on CPython 3.11, 3.12 and 3.13; this is CPython %s",
                   PY_VERSION);
  }
  own.sink = sink;
  own.arg = arg;
  own.lifts = lifts;
  access_open(sink ? tell : NULL);
  if (sink) {
    names_start(thread_now);
  }
  return opcode_events_observe(sink ? is_observed : is_lifted, &observer, err);
}

void observe_stop(void) { opcode_events_observe_stop(); }

static void forget_threads(void) {
  for (int i = 0; i < MOST_THREADS; i++) {
    own.logs[i].count = 0;
    own.awaited[i].frame = NULL;
    own.last[i].frame = NULL;
  }
  own.awaiting = 0;
}

void observe_begin_schedule(PyObject *root) {
  forget_threads();
  if (own.sink) {
    names_begin(root);
  }
}

void observe_end_schedule(void) {
  forget_threads();
  names_end();
}

uint64_t observe_cell(PyObject *object, PyObject *key_or_null) {
  return access_cell_of(names_number(object), key_or_null);
}

void observe_unseen_names(struct strlist *out) {
  for (size_t i = 0; i < own.unseen.count; i++) {
    strlist_addf(out, "%s (%llu times)", own.unseen.items[i], (unsigned long long)own.unseen_times[i]);
  }
}

void observe_self_check(bool on) { own.checking = on; }

void observe_self_check_result(uint64_t *compared, uint64_t *wrong) {
  *compared = own.compared;
  *wrong = own.wrong;
}
