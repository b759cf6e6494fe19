/* A finding's identity: the same for the same defect from run to run, from Python to Python, and between releases
 * where the code did not move. It is a hash over what names the place, where a line counts from its function's own
 * first line; addresses, amounts and thread numbers in messages are folded away. */
#ifndef FF_MODEL_FINGERPRINT_H
#define FF_MODEL_FINGERPRINT_H

#include <stddef.h>

#define FINGERPRINT_SIZE 17 /* 16 hexadecimal digits and the NUL */

/* Hashes the parts in order (FNV-1a, 64 bits). A NULL part counts and differs from an empty one. */
void fingerprint_of(const char *const *parts, size_t count, char out[FINGERPRINT_SIZE]);

/* The text with each number, decimal or 0x…, become one '#'. The caller's. */
char *fingerprint_fold(const char *text);

#endif
