/* ThreadSanitizer's defaults for a worker: go on after a report, leave signals to faulthandler, and do not turn a
 * report into an exit code, since the report is a finding already. TSAN_OPTIONS can still add to them. */
const char *__tsan_default_options(void);

const char *__tsan_default_options(void) {
  return "halt_on_error=0:exitcode=0:report_signal_unsafe=0:report_thread_leaks=0:history_size=4:"
         "handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0";
}
