/* The `gil` switch points: exactly where this very interpreter may hand over its GIL, as it says itself.
 *
 * The eval loop polls a flag at certain instructions (which, differs from version to version), and there hands over the
 * GIL if another thread asks for it, and runs the handlers of signals that have come in. So a C function is made the
 * handler of a signal that nobody sends, and that signal is kept tripped: the eval loop then calls us at each of its
 * polls. Unlike a pending call, a handler may be entered again while another is parked.
 *
 * No switch happens in the import system, in a __del__, in code that is not watched, or where C code asks for signals
 * (poll_origin.h). */
#include "python/python.h"

#include <frameobject.h>
#include <signal.h>
#include <string.h>

#include "python/embed.h"
#include "python/internals.h"
#include "python/opcode_events.h"
#include "python/point.h"
#include "python/points.h"
#include "python/poll_origin.h"
#include "python/sched.h"

#if PY_VERSION_HEX >= 0x030A0000
#define POLL_SIGNAL SIGUSR2
#define TRIP() PyErr_SetInterruptEx(POLL_SIGNAL)
#else /* 3.9 can trip SIGINT only; a real one is ignored again once the handler is in place */
#define POLL_SIGNAL SIGINT
#define TRIP() PyErr_SetInterrupt()
#endif

static enum { CALIBRATING_EVAL, CALIBRATING_C, RUNNING } phase;

static void arm(void) {
  TRIP();
  PyThreadState *running = phase == RUNNING ? sched_running_state() : PyThreadState_Get();
  if (running) { /* the watchdog's thread may find that nobody does */
    internals_break_eval(running);
  }
}

/* At the entry of a function that is traced CPython 3.11 polls twice: before it calls the trace function, again and
 * again until nothing is pending, and after it. Only the second counts; the trace function arms in between
 * (sched_traced_entry). */
static bool is_first_of_two(PyFrameObject *frame) {
#if PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000
  return PyThreadState_Get()->cframe->use_tracing &&
         strcmp(code_map_op(point_code(frame), point_offset(frame)), "RESUME") == 0 && !sched_take_entry(frame);
#else
  (void)frame;
  return false;
#endif
}

/* Where the poll is. Once they are hot, CPython 3.11 runs a comparison and the jump behind it as the comparison, and
 * PRECALL and CALL as the first; what polls is the second, as it does while they are cold. */
static int poll_offset(PyFrameObject *frame, const struct code_info *info) {
  int offset = point_offset(frame);
#if PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000
  static int compare = -1, precall, cache;
  if (compare < 0) {
    compare = code_map_opcode("COMPARE_OP");
    precall = code_map_opcode("PRECALL");
    cache = code_map_opcode("CACHE");
  }
  const unsigned char *bytes = info->bytes ? (const unsigned char *)PyBytes_AS_STRING(info->bytes) : NULL;
  if (bytes && (bytes[offset] == compare || bytes[offset] == precall)) {
    do {
      offset += 2;
    } while (bytes[offset] == cache);
  }
#else
  (void)info;
#endif
  return offset;
}

static PyObject *on_poll(PyObject *self, PyObject *const *args, size_t flags, PyObject *names) {
  const void *stack = __builtin_frame_address(0);
  Py_ssize_t count = PyVectorcall_NARGS(flags);
  (void)self, (void)names;
  bool ok = true;
  if (phase != RUNNING) {
    poll_calibrate(stack, phase == CALIBRATING_EVAL);
  } else if (sched_inside() && count == 2 && PyFrame_Check(args[1]) && poll_is_from_eval(stack)) {
    if (is_first_of_two((PyFrameObject *)args[1])) {
      Py_RETURN_NONE;
    }
    PyFrameObject *frame = (PyFrameObject *)args[1];
    struct code_info *info = point_code(frame);
    ok = point_reached(frame, info, poll_offset(frame, info));
  }
  if (phase != RUNNING || sched_wants_points()) {
    arm();
  }
  if (!ok) {
    return NULL;
  }
  Py_RETURN_NONE;
}

/* A type of its own for the handler, for speed: each poll compares it with signal.SIG_DFL and SIG_IGN, which costs most
 * where neither side knows the other and both are asked, and calls it, which costs least by vectorcall. */
struct poller {
  PyObject_HEAD vectorcallfunc call;
};

static PyObject *never_equal(PyObject *self, PyObject *other, int op) {
  (void)self, (void)other;
  return PyBool_FromLong(op == Py_NE);
}

static PyTypeObject poller_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "flashflood.Poller",
    .tp_basicsize = sizeof(struct poller),
    .tp_vectorcall_offset = offsetof(struct poller, call),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_richcompare = never_equal,
    .tp_hash = PyObject_HashNotImplemented,
};

static PyObject *new_poller(void) {
  struct poller *poller = PyType_Ready(&poller_type) == 0 ? PyObject_New(struct poller, &poller_type) : NULL;
  if (poller) {
    poller->call = on_poll;
  }
  return (PyObject *)poller;
}

static bool install(struct err *err) {
  PyObject *module = PyImport_ImportModule("signal");
  PyObject *handler = new_poller();
  PyObject *old = module && handler ? PyObject_CallMethod(module, "signal", "iO", POLL_SIGNAL, handler) : NULL;
  bool ok = old != NULL;
#if PY_VERSION_HEX < 0x030A0000
  signal(SIGINT, SIG_IGN);
#endif
  Py_XDECREF(old);
  Py_XDECREF(handler);
  Py_XDECREF(module);
  return ok || embed_error(err, ERR_HARNESS, "cannot install the handler that polls");
}

/* A loop's back edge is polled by the eval loop; repr() asks for signals in C. */
static bool calibrate(struct err *err) {
  PyObject *globals = PyDict_New();
  PyObject *done = NULL, *text = NULL, *list = NULL;
  bool ok = globals && PyDict_SetItemString(globals, "__builtins__", PyEval_GetBuiltins()) == 0;
  if (ok) {
    phase = CALIBRATING_EVAL;
    arm();
    done = PyRun_String("i = 0\nwhile i < 5:\n  i += 1\n", Py_file_input, globals, globals);
    phase = CALIBRATING_C;
    list = PyList_New(0);
    arm();
    text = list ? PyObject_Repr(list) : NULL;
  }
  phase = RUNNING;
  ok = done && text && PyErr_CheckSignals() == 0;
  Py_XDECREF(text);
  Py_XDECREF(list);
  Py_XDECREF(done);
  Py_XDECREF(globals);
  return ok ? poll_calibrated(err) : embed_error(err, ERR_HARNESS, "cannot calibrate the polls");
}

static bool open_points(struct err *err) {
  opcode_events_tell_entries(sched_traced_entry);
  return install(err) && calibrate(err);
}

static const struct switch_points gil_points = {
    .name = "gil",
    .summary = "only where this very interpreter may hand over its GIL",
    .open = open_points,
    .arm = arm,
};
REGISTRY_ADD(points, struct switch_points, gil_points);
