/* Time that only goes forward. */
#ifndef FF_PLATFORM_CLOCK_H
#define FF_PLATFORM_CLOCK_H

double clock_now(void); /* seconds since some fixed moment (CLOCK_MONOTONIC) */

#endif
