/* An interpreter of its own for a test, as isolated as the worker's. */
#ifndef FF_TESTS_PYTHON_START_PYTHON_H
#define FF_TESTS_PYTHON_START_PYTHON_H

#include "python/python.h"

#include <stdio.h>
#include <stdlib.h>

static void start_python(void) {
  PyPreConfig preconfig;
  PyPreConfig_InitIsolatedConfig(&preconfig);
#if defined(__has_feature) && __has_feature(address_sanitizer)
  preconfig.allocator = PYMEM_ALLOCATOR_MALLOC; /* so that AddressSanitizer sees each object's end */
#endif
  Py_PreInitialize(&preconfig);
  PyConfig config;
  PyConfig_InitIsolatedConfig(&config);
  config.use_hash_seed = 1;
  config.hash_seed = 0;
  config.site_import = 0;
  config.write_bytecode = 0;
  PyConfig_SetBytesString(&config, &config.program_name, FF_PYTHON_BINARY);
  PyStatus status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status)) {
    fprintf(stderr, "Python does not start: %s\n", status.err_msg);
    exit(1);
  }
}

#endif
