/* Places in Python code as program counters that ThreadSanitizer takes for real ones: with bit 60 set it asks
 * __tsan_symbolize_external_ex() what they are, and so names Python functions and lines in its reports, summaries and
 * suppressions. And call stacks of such places, each kept once.
 *
 * Threading: one thread at a time (with Python: the GIL); ThreadSanitizer asks at any time about what is there. */
#ifndef FF_TSAN_PLACES_H
#define FF_TSAN_PLACES_H

#include <stdint.h>

#define PLACES_DEEPEST 40 /* frames of a stack that are kept, the innermost */

struct place {
  const char *function; /* its qualified name */
  const char *file;
  uint32_t line;
};

/* A new place; the strings stay the caller's, and must stay. Its number, from 1. */
uint32_t places_add(const char *function, const char *file, uint32_t line);
const struct place *places_get(uint32_t number);
uint64_t places_pc(uint32_t number);

/* The number of the stack of these places, innermost first; equal stacks have the same. */
uint32_t places_stack(const uint32_t *places, int count);
const uint32_t *places_of_stack(uint32_t stack, int *count);

#endif
