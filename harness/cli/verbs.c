#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/verb.h"
#include "platform/mem.h"

REGISTRY_DEFINE(verbs, struct verb);

static void print_help(void) {
  puts("Usage: flashflood VERB [OPTION...] [ARGUMENT...]\n\n"
       "Loads a real release of a Python library into an embedded CPython, drives its threads against each\n"
       "other, by luck under ThreadSanitizer and by chosen schedules, and reports what the race breaks.\n");
  for (size_t i = 0; i < verbs_count(); i++) {
    printf("  %-8s %s\n", verbs_at(i)->name, verbs_at(i)->summary);
  }
  puts("\nA TARGET is NAME==VERSION from PyPI, the same with +PATCHFILE once or more, or a folder.\n\n"
       "  flashflood check sentry-arroyo==2.36.0\n"
       "  flashflood check sentry-arroyo==2.36.0+patches/arroyo_processor_fix.patch --expect known\n"
       "  flashflood stress stuck_detector --target sentry-arroyo==2.37.1 --seconds 30\n"
       "  flashflood explore stuck_detector --target sentry-arroyo==2.36.0\n\n"
       "Exit status: 0 nothing wrong, 1 findings, 2 usage, 3 flashflood failed or could not decide.\n"
       "`flashflood VERB --help` explains a verb.");
}

static int fail(const struct err *err) {
  fprintf(stderr, "flashflood: %s\n", err->msg);
  return err->code;
}

int cli_main(int argc, char **argv) {
  struct err err = ERR_INIT;
  signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of write(), with a message */
  const char *name = argc > 1 ? argv[1] : "--help";
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    print_help();
    return argc > 1 ? 0 : ERR_USAGE;
  }
  if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
    puts("flashflood " FF_VERSION);
    return 0;
  }
  const struct verb *verb = verbs_find(name);
  if (!verb) {
    err_set(&err, ERR_USAGE, "unknown verb '%s'; flashflood --help names them", name);
    return fail(&err);
  }
  char *program = mem_printf("%s %s", argv[0], name);
  argv[1] = program;
  int code = verb->run(argc - 1, argv + 1, &err);
  free(program);
  return err.code != ERR_NONE ? fail(&err) : code;
}
