/* A call before each instruction of chosen code: CPython 3.11 by PyEval_SetTrace and opcode events of chosen frames,
 * from 3.12 by sys.monitoring and INSTRUCTION events of chosen code objects. Refused elsewhere. GIL held.
 *
 * Two consumers at once: the switch points (may move control to another thread and come back) and the observer. Before
 * one instruction the switch point comes first: what the instruction then reads and writes belongs to the step that
 * begins there, and the operands are those that it will really see.
 *
 * No event comes for the instructions up to the first RESUME of a call, nor for any RESUME: interpreters differ there,
 * and nothing shared is touched. An instruction with EXTENDED_ARG may have its event at the first of these, at its own
 * offset, or at both.
 *
 * Starting and stopping is cheap after the first time: instrumented code stays so, and an event that nobody wants costs
 * some 15 ns (3.12 and later). opcode_events_uninstall() takes that away too. */
#ifndef FF_PYTHON_OPCODE_EVENTS_H
#define FF_PYTHON_OPCODE_EVENTS_H

#include "python/python.h"

#include <stdbool.h>

#include "platform/err.h"
#include "python/code_map.h"

struct _PyInterpreterFrame;

typedef bool opcode_wanted(const struct code_info *info);

/* Called on the thread that is about to run the instruction. It may switch to another logical thread and come back. It
 * may raise (return false with an exception set) only to unwind. */
typedef bool opcode_callback(PyFrameObject *frame, struct code_info *info, int offset_bytes);

bool opcode_events_start(opcode_wanted *wanted, opcode_callback *callback, struct err *err);
void opcode_events_stop(void);

/* The observer's: it sees the interpreter's own frame, and may not raise. `arrive` comes before the switch point,
 * `observe` after it; `unwind` when an exception leaves the frame. */
struct opcode_observer {
  void (*arrive)(struct _PyInterpreterFrame *frame, struct code_info *info, int offset_bytes);
  void (*observe)(struct _PyInterpreterFrame *frame, struct code_info *info, int offset_bytes);
  void (*unwind)(struct _PyInterpreterFrame *frame);
};

bool opcode_events_observe(opcode_wanted *wanted, const struct opcode_observer *observer, struct err *err);
void opcode_events_observe_stop(void);

/* 3.11: calls `entered` when a function is entered while events are on, before anything in it. */
void opcode_events_tell_entries(void (*entered)(PyFrameObject *frame));

/* 3.11: events come on threads that have called this since the start; again on those that are used for another
 * schedule. It installs the trace function there, or takes it away where nobody listens. A thread that runs no code
 * that anyone wants to hear of does better without: traced code takes twice as long. Elsewhere it does nothing. */
void opcode_events_thread(void);

/* 3.12 and later: instruments the code of functions and classes in a module or dict now, not at their first call. */
void opcode_events_prime(PyObject *module_or_dict);

/* Takes everything out of the interpreter until the next start. Not while frames of chosen code run. */
void opcode_events_uninstall(void);

#endif
