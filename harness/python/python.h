/* The one way to include Python.h: it wants to come before every system header. */
#ifndef FF_PYTHON_PYTHON_H
#define FF_PYTHON_PYTHON_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#endif
