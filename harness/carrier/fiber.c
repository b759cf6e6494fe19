/* The `fiber` carrier: all logical threads on one OS thread, each with a C stack of its own.
 *
 * Handing over saves the registers that the ABI lets a callee keep, and swaps stack pointers: no system call, some 2 ns
 * (ucontext's swapcontext() asks the kernel twice for its signal mask). Stacks are as large as a real thread's, so that
 * what overflows there overflows here; pages that were never touched cost nothing. Below each lies a guard page.
 *
 * To ThreadSanitizer each strand is a fiber, and a hand-over an edge between two, as handing over the GIL is one: what
 * it orders is the interpreter's own C code. Races of Python code are looked for elsewhere (tsan/), where it counts for
 * nothing. This file is never built with -fsanitize=thread (see the Makefile): the runtime has to see the switch first.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "carrier/carrier.h"
#include "platform/mem.h"

#define STACK_SIZE ((size_t)8 << 20) /* bytes; glibc's default for a thread */

/* The sanitizers' runtimes, where there is one in the process. */
void *__tsan_get_current_fiber(void) __attribute__((weak));
void *__tsan_create_fiber(unsigned flags) __attribute__((weak));
void __tsan_switch_to_fiber(void *fiber, unsigned flags) __attribute__((weak));
void __sanitizer_start_switch_fiber(void **save, const void *bottom, size_t size) __attribute__((weak));
void __sanitizer_finish_switch_fiber(void *save, const void **bottom_old, size_t *size_old) __attribute__((weak));

struct strand {
  void *stack_pointer; /* while parked */
  const void *bottom;  /* of its stack; AddressSanitizer wants to know */
  size_t size;
  void *tsan;
  void *asan;
  void (*body)(void *arg);
  void *arg;
};

/* Saves the caller's registers and stack pointer in *save and goes on where `load` was saved. */
void fiber_switch(void **save, void *load);

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl fiber_switch\n"
        ".type fiber_switch, @function\n"
        "fiber_switch:\n"
        "  pushq %rbp\n"
        "  pushq %rbx\n"
        "  pushq %r12\n"
        "  pushq %r13\n"
        "  pushq %r14\n"
        "  pushq %r15\n"
        "  subq $8, %rsp\n"
        "  stmxcsr (%rsp)\n"
        "  fnstcw 4(%rsp)\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  ldmxcsr (%rsp)\n"
        "  fldcw 4(%rsp)\n"
        "  addq $8, %rsp\n"
        "  popq %r15\n"
        "  popq %r14\n"
        "  popq %r13\n"
        "  popq %r12\n"
        "  popq %rbx\n"
        "  popq %rbp\n"
        "  ret\n"
        ".size fiber_switch, . - fiber_switch\n");

/* A stack on which fiber_switch() will find zeroes for the registers, default floating-point modes, and `entry` to
 * return to; above it a zero return address, where unwinders stop. */
static void *first_stack_pointer(void *top, void (*entry)(void)) {
  uint64_t *words = top;
  *--words = 0; /* and the stack aligned as after a call */
  *--words = (uint64_t)(uintptr_t)entry;
  for (int i = 0; i < 6; i++) {
    *--words = 0;
  }
  *--words = 0x0000037F00001F80; /* x87 control word above, MXCSR below: the ABI's defaults */
  return words;
}
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl fiber_switch\n"
        ".type fiber_switch, @function\n"
        "fiber_switch:\n"
        "  sub sp, sp, #160\n"
        "  stp x19, x20, [sp, #0]\n"
        "  stp x21, x22, [sp, #16]\n"
        "  stp x23, x24, [sp, #32]\n"
        "  stp x25, x26, [sp, #48]\n"
        "  stp x27, x28, [sp, #64]\n"
        "  stp x29, x30, [sp, #80]\n"
        "  stp d8, d9, [sp, #96]\n"
        "  stp d10, d11, [sp, #112]\n"
        "  stp d12, d13, [sp, #128]\n"
        "  stp d14, d15, [sp, #144]\n"
        "  mov x9, sp\n"
        "  str x9, [x0]\n"
        "  mov sp, x1\n"
        "  ldp x19, x20, [sp, #0]\n"
        "  ldp x21, x22, [sp, #16]\n"
        "  ldp x23, x24, [sp, #32]\n"
        "  ldp x25, x26, [sp, #48]\n"
        "  ldp x27, x28, [sp, #64]\n"
        "  ldp x29, x30, [sp, #80]\n"
        "  ldp d8, d9, [sp, #96]\n"
        "  ldp d10, d11, [sp, #112]\n"
        "  ldp d12, d13, [sp, #128]\n"
        "  ldp d14, d15, [sp, #144]\n"
        "  add sp, sp, #160\n"
        "  ret\n"
        ".size fiber_switch, . - fiber_switch\n");

static void *first_stack_pointer(void *top, void (*entry)(void)) {
  uint64_t *words = (uint64_t *)top - 20;
  for (int i = 0; i < 20; i++) {
    words[i] = 0;
  }
  words[11] = (uint64_t)(uintptr_t)entry; /* x30 */
  return words;
}
#else
#error "the fiber carrier knows x86-64 and AArch64"
#endif

/* The strand that was handed control last, and the one that gave it: what a new strand finds on its first breath. One
 * OS thread: no race. */
static struct strand *arriving, *leaving;

static void finish_arrival(struct strand *strand) {
  if (__sanitizer_finish_switch_fiber) {
    const void *bottom = NULL;
    size_t size = 0;
    __sanitizer_finish_switch_fiber(strand->asan, &bottom, &size);
    if (!leaving->bottom) { /* the adopted one: its stack is the OS thread's, known from here on */
      leaving->bottom = bottom;
      leaving->size = size;
    }
  }
}

static void first_breath(void) {
  struct strand *self = arriving;
  finish_arrival(self);
  self->body(self->arg);
  abort(); /* carrier.h: a body must not return */
}

static struct strand *fiber_adopt(struct err *err) {
  (void)err;
  struct strand *strand = mem_alloc(sizeof *strand);
  strand->tsan = __tsan_get_current_fiber ? __tsan_get_current_fiber() : NULL;
  return strand;
}

static struct strand *fiber_start(void (*body)(void *arg), void *arg, struct err *err) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char *memory = mmap(NULL, STACK_SIZE + page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, page, PROT_NONE) != 0) {
    err_errno(err, ERR_HARNESS, "cannot get a stack of %zu MiB for a logical thread", STACK_SIZE >> 20);
    return NULL;
  }
  struct strand *strand = mem_alloc(sizeof *strand);
  *strand = (struct strand){.bottom = memory + page, .size = STACK_SIZE, .body = body, .arg = arg};
  strand->stack_pointer = first_stack_pointer(memory + page + STACK_SIZE, first_breath);
  strand->tsan = __tsan_create_fiber ? __tsan_create_fiber(0) : NULL;
  return strand;
}

static void fiber_hand_over(struct strand *from, struct strand *to) {
  arriving = to;
  leaving = from;
  if (__sanitizer_start_switch_fiber) {
    __sanitizer_start_switch_fiber(&from->asan, to->bottom, to->size);
  }
  if (to->tsan) {
    __tsan_switch_to_fiber(to->tsan, 0);
  }
  fiber_switch(&from->stack_pointer, to->stack_pointer);
  finish_arrival(from);
}

static const struct carrier fiber_carrier = {
    .name = "fiber",
    .summary = "all logical threads on one OS thread, each with a C stack and a Python thread state of its own",
    .adopt = fiber_adopt,
    .start = fiber_start,
    .hand_over = fiber_hand_over,
    .one_os_thread = true,
};
REGISTRY_ADD(carriers, struct carrier, fiber_carrier);
