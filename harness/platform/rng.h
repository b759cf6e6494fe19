/* SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014): the same seed
 * gives the same numbers on every machine. Not for secrets. */
#ifndef FF_PLATFORM_RNG_H
#define FF_PLATFORM_RNG_H

#include <stdint.h>

struct rng {
  uint64_t state;
};

uint64_t rng_next(struct rng *rng);
uint64_t rng_below(struct rng *rng, uint64_t bound); /* 0 <= result < bound; bound > 0 */

#endif
