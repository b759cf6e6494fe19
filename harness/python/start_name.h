/* What a thread that is started is called. GIL held. */
#ifndef FF_PYTHON_START_NAME_H
#define FF_PYTHON_START_NAME_H

#include "python/python.h"

#include <stdbool.h>

/* The target of a threading.Thread, its class, or the function itself. `daemon_or_null`: what threading.Thread says.
 * No exception is left. Asks no __getattr__ of the code under test, so that only a `daemon` of its own could notice. */
void start_name(PyObject *function, char *name, size_t size, bool *daemon_or_null);

#endif
