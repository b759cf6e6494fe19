/* Accesses and synchronisation of Python threads, told to ThreadSanitizer as if they were those of C threads.
 *
 * Each Python thread has a fiber of the runtime that does nothing but tell: to tell, control of the runtime's state
 * (not of the program) goes to that fiber, without a happens-before edge, and back. So neither the interpreter's own
 * accesses nor its GIL nor the carrier's hand-overs order anything that is told. What is told stands on shadow cells,
 * of which the runtime knows nothing else.
 *
 * Built without -fsanitize=thread: nothing here may be an access itself. Without the runtime all of it does nothing.
 * Threading: with the GIL held, on any thread. */
#ifndef FF_TSAN_SHADOW_H
#define FF_TSAN_SHADOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shadow_thread;

bool shadow_open(void); /* false: no ThreadSanitizer in this build */

/* A thread that comes after all that `parent` (NULL: the harness) did, where the parent's stack (places.h; 0: none) is
 * now. It lives until shadow_ended(). */
struct shadow_thread *shadow_start(struct shadow_thread *parent, uint32_t stack, const char *name);
void shadow_ended(struct shadow_thread *thread); /* the harness comes after it; gives it back */

/* The cells and synchronisation objects are numbers below SHADOW_MOST each; above, nothing is told. */
#define SHADOW_MOST (UINT32_C(1) << 20)
void shadow_touch(struct shadow_thread *thread, uint32_t cell, bool write, uint32_t stack);
void shadow_acquire(struct shadow_thread *thread, uint32_t sync);
void shadow_release(struct shadow_thread *thread, uint32_t sync);

/* What the runtime reported within the last shadow_touch(), and how often; NULL: nothing. Until the next call. */
const char *shadow_report(void);

/* Threads of the runtime are used again and again (false; making one takes some microseconds) or made anew (true), so
 * that its reports say where each was started. */
void shadow_fresh_threads(bool wanted);

/* From now on stacks count as others than ever before, so that what was reported is reported again (true); as those of
 * before, so that it is not (false). */
void shadow_report_again(bool wanted);

#endif
