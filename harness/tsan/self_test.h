/* Is ThreadSanitizer awake, and is the harness invisible to it? Two C actors on a carrier: the racy twin must be
 * reported, the locked twin must not. */
#ifndef FF_TSAN_SELF_TEST_H
#define FF_TSAN_SELF_TEST_H

#include "carrier/carrier.h"

/* Two actors add to one variable at the same time, with a mutex or without. */
bool self_test_run(const struct carrier *carrier, bool locked, struct err *err);

#endif
