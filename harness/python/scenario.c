#include "python/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "python/embed.h"
#include "python/module.h"

/* The marks of a class attribute (a dict, borrowed by way of the function that owns it), or NULL. */
static PyObject *marks_of(PyObject *attribute) {
  PyObject *bare = module_bare(attribute);
  PyObject *marks = PyObject_GetAttrString(bare, MODULE_MARK);
  Py_DECREF(bare);
  if (!marks) {
    PyErr_Clear();
    return NULL;
  }
  Py_DECREF(marks); /* the function keeps it */
  return PyDict_Check(marks) ? marks : NULL;
}

static uint64_t number_or(PyObject *marks, const char *key, uint64_t otherwise) {
  PyObject *value = PyDict_GetItemString(marks, key); /* borrowed */
  return value && PyLong_Check(value) ? PyLong_AsUnsignedLongLong(value) : otherwise;
}

static bool takes_a_call(PyObject *function) {
  PyObject *code = PyObject_GetAttrString(function, "__code__");
  PyObject *count = code ? PyObject_GetAttrString(code, "co_argcount") : NULL;
  bool takes = count && PyLong_AsLong(count) >= 2;
  Py_XDECREF(count);
  Py_XDECREF(code);
  PyErr_Clear();
  return takes;
}

static void add_actor(struct scenario *scenario, const char *name, PyObject *function, PyObject *marks) {
  size_t bytes = (scenario->actor_count + 1) * sizeof *scenario->actors;
  scenario->actors = mem_grow(scenario->actors, bytes);
  struct scenario_actor *actor = &scenario->actors[scenario->actor_count++];
  actor->name = mem_dup(name);
  actor->calls = number_or(marks, "calls", 1);
  actor->stress_calls = number_or(marks, "stress_calls", actor->calls);
  actor->many = PyDict_GetItemString(marks, "many") == Py_True;
  actor->takes_call = takes_a_call(function);
}

static void take_attribute(struct scenario *scenario, PyObject *key, PyObject *value) {
  const char *name = PyUnicode_AsUTF8(key);
  PyObject *marks = name ? marks_of(value) : NULL;
  const char *mark = marks ? PyUnicode_AsUTF8(PyDict_GetItemString(marks, "mark")) : NULL;
  if (!mark) {
    PyErr_Clear();
  } else if (strcmp(mark, "actor") == 0) {
    add_actor(scenario, name, value, marks);
  } else if (strcmp(mark, "invariant") == 0) {
    strlist_add(&scenario->invariants, name);
  } else if (strcmp(mark, "setup") == 0) {
    strlist_add(&scenario->setups, name);
  } else if (strcmp(mark, "control") == 0) {
    free(scenario->control);
    scenario->control = mem_dup(name);
  }
}

/* Marks of a class and of its bases, bases first, in the order of definition. */
static void take_class(struct scenario *scenario, PyTypeObject *cls) {
  PyObject *mro = PyObject_GetAttrString((PyObject *)cls, "__mro__");
  for (Py_ssize_t i = mro ? PyTuple_Size(mro) : 0; i-- > 0;) {
    PyObject *dict = PyObject_GetAttrString(PyTuple_GetItem(mro, i), "__dict__");
    PyObject *items = dict ? PyMapping_Items(dict) : NULL;
    for (Py_ssize_t j = 0; items && j < PyList_Size(items); j++) {
      PyObject *pair = PyList_GetItem(items, j);
      take_attribute(scenario, PyTuple_GetItem(pair, 0), PyTuple_GetItem(pair, 1));
    }
    Py_XDECREF(items);
    Py_XDECREF(dict);
  }
  Py_XDECREF(mro);
  PyErr_Clear();
}

static bool is_defined_in(PyObject *cls, const char *module) {
  PyObject *name = PyObject_GetAttrString(cls, "__module__");
  const char *text = name && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
  bool same = text && strcmp(text, module) == 0;
  Py_XDECREF(name);
  PyErr_Clear();
  return same;
}

static bool find_class(struct scenario *scenario, const char *path, const char *name, struct err *err) {
  PyObject *dict = PyModule_GetDict(scenario->module); /* borrowed */
  PyObject *key, *value;
  Py_ssize_t position = 0;
  while (PyDict_Next(dict, &position, &key, &value)) {
    if (!PyType_Check(value) || !is_defined_in(value, name)) {
      continue;
    }
    struct scenario found = {0};
    take_class(&found, (PyTypeObject *)value);
    if (found.actor_count && scenario->cls) {
      scenario_free(&found);
      return err_set(err, ERR_USAGE, "%s: more than one class has actors; keep one scenario a file", path);
    }
    if (found.actor_count) {
      found.module = scenario->module;
      Py_INCREF(value); /* Py_NewRef came with 3.10 */
      found.cls = value;
      *scenario = found;
    } else {
      scenario_free(&found);
    }
  }
  if (!scenario->cls) {
    return err_set(err, ERR_USAGE,
                   "%s: the scenario has no actors; mark at least one method of a class with @actor "
                   "(from flashflood import actor)",
                   path);
  }
  return true;
}

static PyObject *import_file(const char *path, const char *name) {
  PyObject *util = PyImport_ImportModule("importlib.util");
  PyObject *spec = util ? PyObject_CallMethod(util, "spec_from_file_location", "ss", name, path) : NULL;
  PyObject *module = spec ? PyObject_CallMethod(util, "module_from_spec", "O", spec) : NULL;
  PyObject *loader = module ? PyObject_GetAttrString(spec, "loader") : NULL;
  PyObject *done = NULL;
  if (loader && PyDict_SetItemString(PyImport_GetModuleDict(), name, module) == 0) {
    done = PyObject_CallMethod(loader, "exec_module", "O", module);
  }
  if (!done) {
    Py_CLEAR(module);
  }
  Py_XDECREF(done);
  Py_XDECREF(loader);
  Py_XDECREF(spec);
  Py_XDECREF(util);
  return module;
}

static void take_must_reach(struct scenario *scenario) {
  PyObject *value = PyObject_GetAttrString(scenario->module, "must_reach");
  PyObject *items = value ? PySequence_Fast(value, "must_reach must be a sequence of strings") : NULL;
  for (Py_ssize_t i = 0; items && i < PySequence_Fast_GET_SIZE(items); i++) {
    PyObject *item = PySequence_Fast_GET_ITEM(items, i);
    if (PyUnicode_Check(item)) {
      strlist_add(&scenario->must_reach, PyUnicode_AsUTF8(item));
    }
  }
  Py_XDECREF(items);
  Py_XDECREF(value);
  PyErr_Clear();
}

void scenario_watched(const struct scenario *scenario, struct strlist *files) {
  PyObject *value = PyObject_GetAttrString(scenario->module, "watch");
  PyObject *items = value ? PySequence_Fast(value, "watch must be a sequence of names of modules") : NULL;
  for (Py_ssize_t i = 0; items && i < PySequence_Fast_GET_SIZE(items); i++) {
    PyObject *module = PyImport_Import(PySequence_Fast_GET_ITEM(items, i));
    PyObject *file = module ? PyObject_GetAttrString(module, "__file__") : NULL;
    if (file && PyUnicode_Check(file)) {
      strlist_add(files, PyUnicode_AsUTF8(file));
    }
    Py_XDECREF(file);
    Py_XDECREF(module);
    PyErr_Clear();
  }
  Py_XDECREF(items);
  Py_XDECREF(value);
  PyErr_Clear();
}

bool scenario_load(const char *path, const char *name, struct scenario *scenario, struct err *err) {
  *scenario = (struct scenario){0};
  char *doing = mem_printf("scenario %s cannot be imported", path);
  char *module_name = mem_printf("flashflood_scenario_%s", name); /* it may be called threading.py */
  bool ok = false;
  scenario->module = import_file(path, module_name);
  if (!scenario->module) {
    embed_error(err, ERR_USAGE, doing);
  } else if (find_class(scenario, path, module_name, err)) {
    take_must_reach(scenario);
    ok = true;
  }
  free(module_name);
  free(doing);
  return ok;
}

bool scenario_set_up(const struct scenario *scenario, struct err *err) {
  for (size_t i = 0; i < scenario->setups.count; i++) {
    const char *name = scenario->setups.items[i];
    PyObject *done = PyObject_CallMethod(scenario->cls, name, NULL);
    if (!done) {
      char *doing = mem_printf("the scenario's set-up %s() raised", name);
      embed_error(err, ERR_USAGE, doing);
      free(doing);
      return false;
    }
    Py_DECREF(done);
  }
  return true;
}

PyObject *scenario_new(const struct scenario *scenario) { return PyObject_CallObject(scenario->cls, NULL); }

void scenario_free(struct scenario *scenario) {
  for (size_t i = 0; i < scenario->actor_count; i++) {
    free(scenario->actors[i].name);
  }
  free(scenario->actors);
  free(scenario->control);
  strlist_free(&scenario->invariants);
  strlist_free(&scenario->setups);
  strlist_free(&scenario->must_reach);
  Py_XDECREF(scenario->cls);
  *scenario = (struct scenario){0};
}
