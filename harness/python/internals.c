#define Py_BUILD_CORE 1
#include "python/python.h"

#include <internal/pycore_interp.h>
#include <internal/pycore_runtime.h>

#include "python/internals.h"

void internals_follow(PyThreadState *tstate) {
#if PY_VERSION_HEX < 0x030C0000 /* later ones do it in PyThreadState_Swap() */
  PyThread_tss_set(&_PyRuntime.gilstate.autoTSSkey, tstate);
#else
  (void)tstate;
#endif
}

void internals_become_main_thread(void) { _PyRuntime.main_thread = PyThread_get_thread_ident(); }

void internals_break_eval(PyThreadState *tstate) {
#if PY_VERSION_HEX >= 0x030D0000
  __atomic_fetch_or(&tstate->eval_breaker, (uintptr_t)1 << 1, __ATOMIC_SEQ_CST); /* _PY_SIGNALS_PENDING_BIT */
#else /* a signal that another OS thread tripped would wait for the next reason to look */
  _Py_atomic_store_relaxed(&tstate->interp->ceval.eval_breaker, 1);
#endif
}

bool internals_wipe(PyThreadState *tstate) {
  if (tstate->dict && PyDict_GET_SIZE(tstate->dict) > 0) {
    PyDict_Clear(tstate->dict);
  }
  if (tstate->context) {
    Py_CLEAR(tstate->context);
    tstate->context_ver++;
  }
#if PY_VERSION_HEX >= 0x030D0000
  return tstate->threading_local_key == NULL;
#else
  return true;
#endif
}

void internals_set_ident(PyThreadState *tstate, unsigned long ident) { tstate->thread_id = ident; }
