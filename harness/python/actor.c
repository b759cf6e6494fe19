#include "python/actor.h"

#include "python/sync.h"

/* The thread state is made before the start, so that after it all threads ask for the GIL at the same time. */
static void prepare(void *arg) {
  struct actor_run *run = arg;
  run->gil = PyGILState_Ensure();
  run->released = PyEval_SaveThread();
}

static PyObject *call_once(PyObject *method, const struct actor_run *run, uint64_t index) {
  if (!run->actor->takes_call) {
    return PyObject_CallNoArgs(method);
  }
  PyObject *number = PyLong_FromUnsignedLongLong(index);
  PyObject *result = number ? PyObject_CallOneArg(method, number) : NULL;
  Py_XDECREF(number);
  return result;
}

void actor_starting(struct actor_run *run) {
  const struct sync_listener *listener = sync_listener();
  run->token = listener ? listener->starting(run->actor->name) : NULL;
}

void actor_run_logical(void *arg) {
  struct actor_run *run = arg;
  if (run->token) {
    sync_listener()->begun(run->token);
  }
  PyObject *method = PyObject_GetAttrString(run->object, run->actor->name);
  bool ok = method != NULL;
  for (uint64_t i = 0; ok && i < run->calls && !__atomic_load_n(run->stop, __ATOMIC_RELAXED); i++) {
    PyObject *result = call_once(method, run, i);
    ok = result != NULL;
    run->completed += ok;
    Py_XDECREF(result);
  }
  if (!ok) { /* it ends this thread only, as in real life */
    run->raised = true;
    run->on_raise(run->on_raise_arg, run->actor->name);
  }
  Py_XDECREF(method);
  if (run->token) {
    sync_listener()->ended(run->token);
  }
}

static void run_calls(void *arg) {
  struct actor_run *run = arg;
  PyEval_RestoreThread(run->released);
  actor_run_logical(run);
}

static void finish(void *arg) {
  struct actor_run *run = arg;
  PyGILState_Release(run->gil);
}

struct carrier_body actor_body(struct actor_run *run) {
  return (struct carrier_body){.prepare = prepare, .run = run_calls, .finish = finish, .arg = run};
}
