/* Which lines of watched code each logical thread runs, in order: for the picture of one schedule. GIL held. */
#ifndef FF_PYTHON_LINE_TRACE_H
#define FF_PYTHON_LINE_TRACE_H

#include "python/python.h"

#include "python/code_map.h"

struct traced_line {
  int thread;
  const struct code_info *info;
  uint32_t line;
  bool switched; /* after it another thread runs, although this one could have gone on */
};

/* `by_points`: from what line_trace_point() is told, as switch points at every instruction can; else by line events. */
void line_trace_start(bool by_points);
void line_trace_thread(void); /* on each logical thread, before it runs; nothing where no trace was started */
void line_trace_point(const struct code_info *info, int offset); /* the running thread is there */
void line_trace_switched(void);                                  /* the running thread is about to be preempted */
void line_trace_stop(void);

size_t line_trace_count(void);
const struct traced_line *line_trace_at(size_t index);

/* The text of a source line without its indentation; the caller's, NULL where there is none. */
char *line_trace_source(const struct code_info *info, uint32_t line);

#endif
