#include "python/poll_origin.h"

#include <execinfo.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unwind.h>

enum { DEPTH = 24, KNOWN = 64, SCAN_WORDS = 4096 };

static struct {
  void *eval[DEPTH]; /* return addresses above the handler, innermost first, of a call from the eval loop */
  int eval_depth;
  void *other[DEPTH]; /* the same of a call from C code */
  int other_depth;
  ptrdiff_t slot; /* bytes from the handler's frame to the return address that tells */
  void *function; /* that holds it, of calls from the eval loop */
  struct {
    uintptr_t address;
    bool from_eval;
  } known[KNOWN]; /* return addresses that were asked for before */
} origin;

static ptrdiff_t find_slot(const void *frame, const void *address) {
  void *const *words = frame;
  for (ptrdiff_t i = 0; i < SCAN_WORDS; i++) {
    if (words[i] == address) {
      return i * (ptrdiff_t)sizeof *words;
    }
  }
  return -1;
}

static int first_difference(void) {
  int i = 0;
  while (i < origin.eval_depth && i < origin.other_depth && origin.eval[i] == origin.other[i]) {
    i++;
  }
  return i;
}

void poll_calibrate(const void *frame, bool from_eval) {
  void *callers[DEPTH];
  int depth = backtrace(callers, DEPTH); /* one call, so that both kinds begin with the same addresses */
  int *known = from_eval ? &origin.eval_depth : &origin.other_depth;
  if (!*known) {
    *known = depth;
    memcpy(from_eval ? origin.eval : origin.other, callers, sizeof callers);
  }
  int level = first_difference();
  if (!origin.function && level < origin.eval_depth && level < origin.other_depth) {
    origin.slot = find_slot(frame, callers[level]);
    origin.function = _Unwind_FindEnclosingFunction((char *)origin.eval[level] - 1);
  }
}

bool poll_calibrated(struct err *err) {
  int level = first_difference();
  if (!origin.function || origin.slot < 0) {
    return err_set(err, ERR_HARNESS,
                   "this interpreter does not show where it polls for signals (%d and %d callers known); use --points "
                   "bytecode",
                   origin.eval_depth, origin.other_depth);
  }
  if (_Unwind_FindEnclosingFunction((char *)origin.other[level] - 1) == origin.function) {
    return err_set(err, ERR_HARNESS,
                   "this interpreter polls for signals in C code as its eval loop does; use --points "
                   "bytecode");
  }
  return true;
}

bool poll_is_from_eval(const void *frame) {
  uintptr_t address = *(const uintptr_t *)((const char *)frame + origin.slot);
  size_t place = (address ^ address >> 7) % KNOWN;
  if (origin.known[place].address != address) {
    origin.known[place].address = address;
    origin.known[place].from_eval = _Unwind_FindEnclosingFunction((void *)(address - 1)) == origin.function;
  }
  return origin.known[place].from_eval;
}
