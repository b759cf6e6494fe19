#include "worker/leaks.h"

#include <stddef.h>

int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
const char *__lsan_default_suppressions(void);

bool leaks_found(void) { return __lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check() != 0; }

/* What Python itself and the libraries that it loads keep is not ours; we never finalise the interpreter, because that
 * would wait for threads that do not end. */
const char *__lsan_default_suppressions(void) { return "leak:libpython\nleak:libcrypto\nleak:librdkafka\n"; }
