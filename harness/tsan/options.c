/* The sanitizers' defaults for a worker. Signals are left to faulthandler, which shows Python's stacks, and to the
 * driver, which sees the death. ThreadSanitizer goes on after a report and keeps its exit code, since the report is a
 * finding already; and it does not sleep for a second before the process ends, to see who races with its end.
 * TSAN_OPTIONS and ASAN_OPTIONS can still add to them. */
#define LEAVE_SIGNALS "handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0"

const char *__tsan_default_options(void);
const char *__asan_default_options(void);

const char *__tsan_default_options(void) {
  return LEAVE_SIGNALS ":halt_on_error=0:exitcode=0:report_signal_unsafe=0:report_thread_leaks=0:history_size=4"
                       ":suppress_equal_addresses=0:atexit_sleep_ms=0";
}

const char *__asan_default_options(void) { return LEAVE_SIGNALS ":use_sigaltstack=0"; }
