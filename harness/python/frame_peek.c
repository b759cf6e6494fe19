#define Py_BUILD_CORE 1
#include "python/python.h"

#include "python/frame_peek.h"

#if PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030E0000
#include <internal/pycore_frame.h>

typedef struct _PyInterpreterFrame frame_type;

bool frame_peek_works(void) { return true; }

PyObject *frame_code(const frame_type *frame) {
#if PY_VERSION_HEX >= 0x030D0000
  return frame->f_executable;
#else
  return (PyObject *)frame->f_code;
#endif
}

void frame_peek(frame_type *frame, struct frame_view *view) {
  view->locals = frame->localsplus;
  view->stack = frame->localsplus + ((PyCodeObject *)frame_code(frame))->co_nlocalsplus;
  view->globals = frame->f_globals;
  view->builtins = frame->f_builtins;
  view->names = frame->f_locals;
}

#if PY_VERSION_HEX >= 0x030D0000
#include <opcode.h>

/* Below an __init__ that it calls without C code the interpreter puts a frame of its own, whose code object lies in
 * memory that is not to be written to, as asking for its instructions would do. */
static bool is_of_init(const PyCodeObject *code) {
  const _Py_CODEUNIT *units = (const _Py_CODEUNIT *)code->co_code_adaptive;
  for (Py_ssize_t i = 0; Py_SIZE(code) <= 4 && i < Py_SIZE(code); i++) {
    if (units[i].op.code == EXIT_INIT_CHECK) {
      return true;
    }
  }
  return false;
}
#endif

static bool is_python(const frame_type *frame) {
#if PY_VERSION_HEX >= 0x030D0000
  return frame->owner != FRAME_OWNED_BY_CSTACK && !is_of_init((PyCodeObject *)frame_code(frame));
#elif PY_VERSION_HEX >= 0x030C0000
  return frame->owner != FRAME_OWNED_BY_CSTACK;
#else
  (void)frame;
  return true;
#endif
}

static frame_type *python_frame(frame_type *frame) {
  while (frame && !is_python(frame)) {
    frame = frame->previous;
  }
  return frame;
}

frame_type *frame_current(void) {
#if PY_VERSION_HEX >= 0x030D0000
  return python_frame(PyThreadState_GetUnchecked()->current_frame);
#else
  return python_frame(_PyThreadState_UncheckedGet()->cframe->current_frame);
#endif
}

frame_type *frame_of_object(PyFrameObject *frame) { return frame->f_frame; }

frame_type *frame_below(frame_type *frame) { return python_frame(frame->previous); }

bool frame_called_from_c(const frame_type *frame) {
#if PY_VERSION_HEX >= 0x030C0000
  return !frame->previous || !is_python(frame->previous);
#else
  return frame->is_entry;
#endif
}

int frame_offset(const frame_type *frame) {
#if PY_VERSION_HEX >= 0x030D0000
  const _Py_CODEUNIT *at = frame->instr_ptr;
#else
  const _Py_CODEUNIT *at = frame->prev_instr;
#endif
  return (int)((const char *)at - ((PyCodeObject *)frame_code(frame))->co_code_adaptive);
}

int frame_depth(const frame_type *frame) {
#if PY_VERSION_HEX >= 0x030C0000
  (void)frame;
  return -1;
#else
  return frame->stacktop < 0 ? -1 : frame->stacktop - frame->f_code->co_nlocalsplus;
#endif
}

void frame_want_opcodes(PyFrameObject *frame, bool wanted) {
  frame->f_trace_lines = 0;
  frame->f_trace_opcodes = wanted;
}

#else

bool frame_peek_works(void) { return false; }
void frame_peek(struct _PyInterpreterFrame *frame, struct frame_view *view) { (void)frame, (void)view; }
struct _PyInterpreterFrame *frame_current(void) {
  return NULL;
}
struct _PyInterpreterFrame *frame_of_object(PyFrameObject *frame) {
  return (void)frame, NULL;
}
struct _PyInterpreterFrame *frame_below(struct _PyInterpreterFrame *frame) {
  return (void)frame, NULL;
}
bool frame_called_from_c(const struct _PyInterpreterFrame *frame) { return (void)frame, false; }
PyObject *frame_code(const struct _PyInterpreterFrame *frame) { return (void)frame, NULL; }
int frame_offset(const struct _PyInterpreterFrame *frame) { return (void)frame, -1; }
int frame_depth(const struct _PyInterpreterFrame *frame) { return (void)frame, -1; }
void frame_want_opcodes(PyFrameObject *frame, bool wanted) { (void)frame, (void)wanted; }

#endif
