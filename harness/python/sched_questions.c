/* What others ask of the scheduler: who runs, what time it is, what became of each thread. */
#include "python/python.h"

#include "python/sched_log.h"
#include "python/sched_state.h"

/* ---- on a logical thread -------------------------------------------------------------------------------------------
 */

int sched_current(void) { return sched.running; }
unsigned long sched_ident_of(int index) { return 1000UL + (unsigned long)index; }
unsigned long sched_ident(void) { return sched_inside() ? sched_ident_of(sched.running) : PyThread_get_thread_ident(); }
uint64_t sched_now(void) { return sched.clock; }
bool sched_unwinding(void) { return sched_inside() && sched.threads[sched.running].unwinding; }
void sched_observing(bool on) { sched.observing = on; }

uint64_t sched_number(uint64_t bound) {
  if (!sched.setup.strategy || !sched.setup.strategy->choose_number) {
    return 0;
  }
  uint64_t number = sched.setup.strategy->choose_number(sched.setup.strategy_state, bound);
  log_number(number);
  return number;
}

/* ---- after a schedule, or at home ----------------------------------------------------------------------------------
 */

uint64_t sched_steps(void) { return sched.steps; }
uint64_t sched_schedule_number(void) { return sched.number; }
int sched_thread_count(void) { return sched.count; }
const char *sched_thread_name(int index) { return sched.threads[index].name; }
const char *sched_waits_for(int index) { return sched.threads[index].waits; }
PyThreadState *sched_thread_state(int index) { return sched.threads[index].vehicle->tstate; }
PyThreadState *sched_running_state(void) {
  int running = __atomic_load_n(&sched.running, __ATOMIC_RELAXED); /* once: the watchdog asks without the GIL */
  return running >= 0 ? sched.threads[running].vehicle->tstate : NULL;
}
bool sched_is_actor(int index) { return sched.threads[index].actor; }
bool sched_has_ended(int index) { return sched.states[index] == THREAD_ENDED; }
bool sched_is_daemon(int index) { return sched.threads[index].daemon; }
size_t sched_abandoned(void) { return sched.abandoned; }
size_t sched_outlived(void) { return sched.outlived; }

PyObject *sched_unwind_type(void) {
  static PyObject *unwind_type;
  if (!unwind_type) {
    unwind_type = PyErr_NewExceptionWithDoc("flashflood.Unwind",
                                            "Ends a logical thread that is still alive when its schedule is over.",
                                            PyExc_BaseException, NULL);
  }
  return unwind_type;
}
