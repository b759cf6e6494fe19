/* Keeps code as it is when it runs for the first times, so that it polls at the same places in each schedule: hot code
 * polls at fewer (no longer behind len(), isinstance(), list.append()), on every version since 3.11. What cold code may
 * do a user's interpreter may do too: in the first runs of any process. GIL held. */
#ifndef FF_PYTHON_COLD_H
#define FF_PYTHON_COLD_H

#include "python/python.h"

/* For the rest of the process. Keeps an exception that is set. */
void cold_keep(PyCodeObject *code);

#endif
