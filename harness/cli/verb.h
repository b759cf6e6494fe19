/* The verbs of the command line. Each is one file that ends in VERB(...). */
#ifndef FF_CLI_VERB_H
#define FF_CLI_VERB_H

#include "platform/err.h"
#include "platform/registry.h"

struct verb {
  const char *name;
  const char *summary; /* a line of `flashflood --help` */
  /* argv[0] is "PROGRAM VERB". Returns the exit code; where `err` is set, it is printed and its code wins. */
  int (*run)(int argc, char **argv, struct err *err);
};

REGISTRY_DECLARE(verbs, struct verb);

#define VERB(variable) REGISTRY_ADD(verbs, struct verb, variable)

int cli_main(int argc, char **argv);

#endif
