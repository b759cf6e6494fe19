/* What happened in the schedule that runs: who was switched where, in a form that costs next to nothing; it becomes a
 * `struct schedule` only when somebody asks (sched_record). For sched.c. */
#ifndef FF_PYTHON_SCHED_LOG_H
#define FF_PYTHON_SCHED_LOG_H

#include "python/code_map.h"
#include "strategy/schedule.h"

void log_first(int thread); /* forgets the schedule before, but for threads and numbers given since log_clear() */
void log_clear(void);
void log_thread(int thread);
void log_resumed(int thread);
void log_passed(int thread, uint64_t place);
void log_switch(int thread, enum switch_how how, struct code_info *info, int offset, int next);
void log_number(uint64_t number);

#endif
