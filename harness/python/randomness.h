/* Randomness that is the same in each schedule: os.urandom and what stands on it (secrets, uuid4, SystemRandom), and
 * the module random's own generator, which begins each schedule with the same seed. GIL held.
 *
 * Generators that the program makes itself without a seed are not pinned: --verify tells. */
#ifndef FF_PYTHON_RANDOMNESS_H
#define FF_PYTHON_RANDOMNESS_H

#include <stdbool.h>

#include "platform/err.h"

bool randomness_install(struct err *err); /* once, before anything imports os.urandom */
void randomness_begin_schedule(void);

#endif
