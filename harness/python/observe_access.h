/* The parts of the observer: observe.c takes the events, observe_decode.c finds the operands, observe_access.c,
 * observe_containers.c and observe_iterators.c know objects, observe_calls.c and observe_perform.c know what is called.
 */
#ifndef FF_PYTHON_OBSERVE_ACCESS_H
#define FF_PYTHON_OBSERVE_ACCESS_H

#include "python/python.h"

#include <stdbool.h>
#include <stdint.h>

#include "python/observe.h"

/* The instruction that is observed. */
struct access_step {
  PyObject **locals; /* all slots that hold references of the frame: locals, cells and the stack up to its depth */
  int slots;
  int thread;
};

extern struct access_step access_step;

void access_open(observe_sink *sink);  /* where accesses go (NULL: they are only lifted); its argument is NULL */
void access_unknown(const char *what); /* touches STRATEGY_CELL_UNKNOWN, notes the name once */
void access_note(const char *what);    /* notes the name only */

/* Types and names that are looked for often; borrowed or kept for ever. */
struct access_types {
  PyTypeObject *deque;
  PyTypeObject *defaultdict;
  PyTypeObject *thread_local;
  PyObject *builtins; /* the dict of the builtins */
  PyObject *missing;  /* "__missing__" */
};

extern struct access_types access_types;

extern bool access_reducing; /* somebody wants cells of numbered objects, besides what is lifted (lift_access.h) */

#define ACCESS_CONTENT UINT64_C(0x636F6E74656E7400) /* the key of all that an object holds */

void access_touch(uint64_t number, uint64_t key, bool write);

/* A number that equal keys share. False where there is none: their equality is decided by Python code, or they look
 * like the id() of an object that has no number. */
bool access_key_of(PyObject *key, uint64_t *number);

enum item_access { ITEM_READ, ITEM_SET, ITEM_DELETE };

void access_attr(PyObject *object, PyObject *name, bool write);
void access_item(PyObject *container, PyObject *key, enum item_access how);
void access_length(PyObject *object);
void access_whole(PyObject *object, bool write); /* one level of it */
void access_deep(PyObject *object);              /* reads it and what it contains */
void access_new_iterator(PyObject *object);
void access_next(PyObject *iterator); /* one step of it */
void access_drain(PyObject *object);  /* iterates over all of it */
void access_cell(PyObject *cell, bool write);
void access_content(PyObject *object, bool write);
void access_module(const char *name);     /* the hidden state of a C module */
void access_publish(PyObject *object);    /* others may come to it from now on */
bool access_is_local(PyObject *object);   /* each reference to it is in the frame that runs: no other thread has it */
uint64_t access_number(PyObject *object); /* 0: never changes, or only this frame has it */
uint64_t access_cell_of(uint64_t number, PyObject *key_or_null);

/* The result of the instruction, which the thread's next event shows: give it a number, or that of `owner`. */
void access_await_result(PyObject *owner_or_null);

enum access_special { SPECIAL_GETITEM, SPECIAL_NEXT, SPECIAL_CALL, SPECIAL_ENTER, SPECIALS };

bool access_is_python(PyObject *object, enum access_special special); /* its type's method is a Python function */

/* A call of anything. `args` may hold the keywords' values behind the positional ones. */
void access_call(PyObject *callable, PyObject *const *args, Py_ssize_t positional, PyObject *keyword_names);
void access_call_dict(PyObject *callable, PyObject *args, PyObject *keywords_or_null);
void access_enter(PyObject *manager); /* calls its __enter__ */

#endif
