#include "python/python.h"

#include "python/randomness.h"

#include "platform/rng.h"
#include "python/embed.h"
#include "python/virtual.h"

static struct rng bytes; /* of the schedule that runs */

static PyObject *urandom(PyObject *self, PyObject *argument) {
  (void)self;
  Py_ssize_t size = PyLong_AsSsize_t(argument);
  if (size < 0) {
    if (!PyErr_Occurred()) {
      PyErr_SetString(PyExc_ValueError, "negative argument not allowed");
    }
    return NULL;
  }
  PyObject *result = PyBytes_FromStringAndSize(NULL, size);
  for (Py_ssize_t i = 0; result && i < size; i++) {
    PyBytes_AS_STRING(result)[i] = (char)rng_below(&bytes, 256);
  }
  return result;
}

static PyMethodDef functions[] = {{"urandom", urandom, METH_O, "Bytes, the same in each schedule."}};

bool randomness_install(struct err *err) {
  static const char *const MODULES[] = {"posix", "os"};
  bool ok = true;
  for (size_t i = 0; ok && i < sizeof MODULES / sizeof *MODULES; i++) {
    PyObject *module = PyImport_ImportModule(MODULES[i]);
    ok = module && virtual_replace(module, functions, 1);
    Py_XDECREF(module);
  }
  return ok || embed_error(err, ERR_HARNESS, "cannot replace os.urandom");
}

/* The generator behind random.random() and its like: Modules/_randommodule.c's struct begins with how many of its 624
 * words were given out. Seeding costs as much as a short schedule, so it is done only where that has changed. */
struct twister {
  PyObject_HEAD int index;
};

static PyObject *generator(void) {
  static PyObject *module, *instance; /* kept: sys.modules has the module for good */
  if (!instance) {
    module = PyDict_GetItemString(PyImport_GetModuleDict(), "random"); /* borrowed */
    instance = module && module != Py_None ? PyObject_GetAttrString(module, "_inst") : NULL;
    PyErr_Clear();
  }
  return instance;
}

void randomness_begin_schedule(void) {
  static int untouched = -1;
  bytes.state = 1;
  PyObject *instance = generator();
  if (instance && ((struct twister *)instance)->index != untouched) {
    PyObject *done = PyObject_CallMethod(instance, "seed", "i", 1);
    Py_XDECREF(done);
    PyErr_Clear();
    untouched = ((struct twister *)instance)->index;
  }
}
