/* Allocation that does not fail: out of memory ends the program with a message, as nothing here could go on.
 * Every pointer returned is the caller's, to be given to free(). */
#ifndef FF_PLATFORM_MEM_H
#define FF_PLATFORM_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);               /* zeroed; never NULL */
void *mem_grow(void *old, size_t size);     /* realloc; never NULL */
char *mem_dup(const char *text);            /* strdup; NULL stays NULL */
char *mem_dupn(const char *text, size_t n); /* at most n bytes of it */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
