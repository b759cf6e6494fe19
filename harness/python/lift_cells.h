/* Which cell an access is of, and which synchronisation object a lock stands for: by the object's address, since a
 * schedule or trial. GIL held. */
#ifndef FF_PYTHON_LIFT_CELLS_H
#define FF_PYTHON_LIFT_CELLS_H

#include "python/lift.h"

#define LIFT_MOST_CELLS 400000 /* in one schedule or trial */

/* NULL: there are too many. `key` may be NULL. Valid until the next call. */
const struct lift_cell *lift_cell_of(PyObject *object, enum lift_part part, PyObject *key, uint64_t number);

uint32_t lift_sync_of(PyObject *object);
void lift_sync_gone(PyObject *object); /* what has that address next is another */

void lift_cells_begin(void);
void lift_cells_end(void); /* lets go of the objects */

#endif
