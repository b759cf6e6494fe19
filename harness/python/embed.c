#include "python/python.h"

#include "python/embed.h"

#include <signal.h>
#include <stdlib.h>

#include "platform/mem.h"
#include "python/module.h"

bool embed_start(const char *interpreter, struct err *err) {
  PyPreConfig preconfig;
  PyPreConfig_InitIsolatedConfig(&preconfig);
  preconfig.utf8_mode = 1; /* paths are bytes to us; under the C locale Python would refuse those beyond ASCII */
  PyStatus status = Py_PreInitialize(&preconfig);
  if (PyStatus_Exception(status)) {
    return err_set(err, ERR_HARNESS, "Python does not start: %s", status.err_msg ? status.err_msg : "no reason given");
  }
  PyConfig config;
  PyConfig_InitIsolatedConfig(&config);
  config.use_hash_seed = 1;
  config.hash_seed = 0;
  config.site_import = 0;
  config.write_bytecode = 0;
  if (PyImport_AppendInittab("flashflood", module_init) != 0) {
    return err_set(err, ERR_HARNESS, "cannot add the flashflood module to Python's built-in modules");
  }
  status = PyConfig_SetBytesString(&config, &config.program_name, interpreter);
  if (!PyStatus_Exception(status)) {
    status = Py_InitializeFromConfig(&config);
  }
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status)) {
    return err_set(err, ERR_HARNESS, "Python does not start: %s", status.err_msg ? status.err_msg : "no reason given");
  }
  return true;
}

bool embed_error(struct err *err, enum err_code code, const char *doing) {
  PyObject *type = NULL, *value = NULL, *traceback = NULL;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  PyObject *text = value ? PyObject_Str(value) : NULL;
  const char *message = text ? PyUnicode_AsUTF8(text) : NULL;
  const char *name = type && PyType_Check(type) ? ((PyTypeObject *)type)->tp_name : "an exception";
  err_set(err, code, "%s: %s: %s", doing, name, message ? message : "(its text cannot be shown)");
  for (char *p = err->msg; *p; p++) {
    *p = *p == '\n' ? ' ' : *p;
  }
  Py_XDECREF(text);
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(traceback);
  PyErr_Clear();
  return false;
}

PyObject *embed_attribute(PyObject *object, const char *name) {
  PyObject *value = object ? PyObject_GetAttrString(object, name) : NULL;
  if (value == Py_None) {
    Py_CLEAR(value);
  }
  PyErr_Clear();
  return value;
}

static bool insert_path(PyObject *list, Py_ssize_t at, const char *path) {
  PyObject *text = PyUnicode_DecodeFSDefault(path);
  bool ok = text && PyList_Insert(list, at, text) == 0;
  Py_XDECREF(text);
  return ok;
}

bool embed_set_paths(const struct strlist *paths, const char *last, struct err *err) {
  PyObject *list = PySys_GetObject("path"); /* borrowed */
  bool ok = list != NULL && PyList_Check(list);
  for (size_t i = 0; ok && i < paths->count; i++) {
    ok = insert_path(list, (Py_ssize_t)i, paths->items[i]);
  }
  if (ok && last) {
    ok = insert_path(list, PyList_Size(list), last);
  }
  return ok || embed_error(err, ERR_HARNESS, "cannot set sys.path");
}

bool embed_watch_crashes(int fd, struct err *err) {
  PyObject *module = PyImport_ImportModule("faulthandler");
  PyObject *enabled = NULL, *registered = NULL;
  if (module) {
    enabled = PyObject_CallMethod(module, "enable", "iO", fd, Py_True);
  }
  if (enabled) {
    registered = PyObject_CallMethod(module, "register", "iiOO", SIGUSR1, fd, Py_True, Py_False);
  }
  bool ok = registered != NULL || embed_error(err, ERR_HARNESS, "faulthandler");
  Py_XDECREF(registered);
  Py_XDECREF(enabled);
  Py_XDECREF(module);
  return ok;
}

char *embed_describe(void) {
  struct buf text = {0};
  buf_puts(&text, "CPython ");
  for (const char *p = Py_GetVersion(); *p; p++) {
    buf_add(&text, *p == '\n' ? " " : p, 1);
  }
  return buf_take(&text);
}

char *embed_stdlib(void) {
  char *folder = NULL;
  PyObject *os = PyImport_ImportModule("os");
  PyObject *file = os ? PyObject_GetAttrString(os, "__file__") : NULL;
  const char *text = file ? PyUnicode_AsUTF8(file) : NULL;
  const char *slash = text ? strrchr(text, '/') : NULL;
  if (slash) {
    folder = mem_dupn(text, (size_t)(slash - text));
  }
  Py_XDECREF(file);
  Py_XDECREF(os);
  PyErr_Clear();
  return folder ? folder : mem_dup("");
}

bool embed_has_gil(void) {
  PyObject *sys = PyImport_ImportModule("sys");
  PyObject *answer = sys ? PyObject_CallMethod(sys, "_is_gil_enabled", NULL) : NULL; /* since 3.13 */
  bool has = answer != Py_False;
  Py_XDECREF(answer);
  Py_XDECREF(sys);
  PyErr_Clear();
  return has;
}

bool embed_set_switch_interval(double seconds, struct err *err) {
  PyObject *sys = PyImport_ImportModule("sys");
  PyObject *done = sys ? PyObject_CallMethod(sys, "setswitchinterval", "d", seconds) : NULL;
  bool ok = done != NULL || embed_error(err, ERR_USAGE, "cannot set the switch interval");
  Py_XDECREF(done);
  Py_XDECREF(sys);
  return ok;
}
