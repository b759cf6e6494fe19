/* What an instruction touches, as lift.h's cells: at the precision of container and key, or attribute. Called by the
 * observer where it knows the operands; does nothing unless lift_here().
 *
 * Not lifted, and told as unseen where it is met: what C code of other types holds inside, objects whose end runs code
 * (their lives may not be prolonged), keys whose equality Python code decides. GIL held; runs no Python code. */
#ifndef FF_PYTHON_LIFT_ACCESS_H
#define FF_PYTHON_LIFT_ACCESS_H

#include "python/python.h"

#include <stdbool.h>

#include "python/observe_access.h"

/* The instruction that is observed is of the code under test, in a thread that is lifted. */
extern bool lift_here;

void lift_instance_attr(PyObject *object, PyObject *name, bool write);
void lift_class_attr(PyTypeObject *type, PyObject *name, bool write);
void lift_item(PyObject *dict, PyObject *key, enum item_access how);
void lift_default(PyObject *dict, PyObject *key); /* dict.setdefault(): writes only what is not there */
void lift_member(PyObject *set, PyObject *key, enum item_access how);
void lift_list_item(PyObject *list, PyObject *index, enum item_access how);
void lift_length(PyObject *container);              /* reads its structure */
void lift_whole(PyObject *container, bool write);   /* its structure and all its items */
void lift_content(PyObject *container, bool write); /* of a deque, a bytearray, a closure cell */
void lift_list_step(PyObject *list, Py_ssize_t index);

bool lift_follows(PyObject *container); /* it can be told of, and others may have it */

/* A method of a list, set or deque, or __iadd__ and the like for the operator: true where it is told in full here. */
bool lift_method(PyObject *self, const char *name, PyObject *const *args, Py_ssize_t count);

/* The accesses until lift_iterated() are one step of that iterator. `position`: how many it made before, or -1: not
 * known; then it is told from one of before at the same address by lift_iteration_begins(). */
void lift_iterating(PyObject *iterator, Py_ssize_t position);
void lift_iterated(void);
void lift_iteration_begins(void);

#endif
