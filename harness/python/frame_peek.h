/* What a running frame holds, read from the interpreter's own structures: the one file that knows their layout.
 * CPython 3.11 to 3.13; elsewhere frame_peek_works() is false and nothing else may be called. GIL held. */
#ifndef FF_PYTHON_FRAME_PEEK_H
#define FF_PYTHON_FRAME_PEEK_H

#include "python/python.h"

#include <stdbool.h>

struct _PyInterpreterFrame;

/* All borrowed. */
struct frame_view {
  PyObject **locals; /* fast locals, cells and free variables */
  PyObject **stack;  /* the bottom of the value stack */
  PyObject *globals;
  PyObject *builtins;
  PyObject *names; /* f_locals: the namespace of a class body or module, or NULL */
};

bool frame_peek_works(void);
void frame_peek(struct _PyInterpreterFrame *frame, struct frame_view *view);
struct _PyInterpreterFrame *frame_current(void);                       /* the innermost of this thread, or NULL */
struct _PyInterpreterFrame *frame_of_object(PyFrameObject *frame);     /* what the frame object stands for */
struct _PyInterpreterFrame *frame_below(struct _PyInterpreterFrame *); /* the Python caller's, or NULL */
bool frame_called_from_c(const struct _PyInterpreterFrame *frame);     /* C code goes on when it returns */
PyObject *frame_code(const struct _PyInterpreterFrame *frame);         /* borrowed */
int frame_offset(const struct _PyInterpreterFrame *frame); /* of the instruction that runs, in bytes; not for one that
                                                             called a Python function without C between */
int frame_depth(
    const struct _PyInterpreterFrame *frame); /* values on the stack; -1 where the interpreter does not say */
void frame_want_opcodes(PyFrameObject *frame, bool wanted); /* PyEval_SetTrace: opcode events yes or no, lines never */

#endif
