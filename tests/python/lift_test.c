/* What is lifted, against one interpreter: the cells that each statement touches, and the races of pairs of them. */
#include "python/python.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/buf.h"
#include "platform/mem.h"
#include "python/code_map.h"
#include "python/lift.h"
#include "python/observe.h"
#include "python/opcode_events.h"
#include "python/sync.h"
#include "tests/python/lift_cases.h"
#include "tests/python/start_python.h"

static struct strlist touches, races;
static PyObject *space;
static int thread;
static int failures;

static int thread_now(void) { return thread; }

static void fail(const char *what, const char *wanted, const char *got) {
  printf("FAILED %s:\n  wanted: %s\n  got:    %s\n", what, wanted, got);
  failures++;
}

/* ---- what a cell is called here ------------------------------------------------------------------------------------
 */

static const char *name_of(const PyObject *object) {
  PyObject *key, *value;
  for (Py_ssize_t at = 0; PyDict_Next(space, &at, &key, &value);) {
    if (value == object) {
      return PyUnicode_AsUTF8(key);
    }
  }
  return object == space ? "globals" : "?";
}

static char *text_of_key(PyObject *key, uint64_t number) {
  PyObject *text = key ? PyObject_Repr(key) : NULL;
  char *said = text ? mem_dup(PyUnicode_AsUTF8(text)) : mem_printf("%llu", (unsigned long long)number);
  Py_XDECREF(text);
  return said;
}

static char *text_of(PyObject *object, enum lift_part part, PyObject *key, uint64_t number) {
  const char *name = name_of(object);
  if (part == LIFT_STRUCTURE) {
    return mem_printf("%s:size", name);
  }
  if (part == LIFT_CONTENT) {
    return PyCell_Check(object) ? mem_dup("cell") : mem_printf("%s:items", name);
  }
  if (part == LIFT_ATTRIBUTE) {
    return mem_printf("%s.%s", name, PyUnicode_AsUTF8(key));
  }
  if (object == space) {
    return mem_dup(PyUnicode_AsUTF8(key));
  }
  char *shown = text_of_key(key, number), *text = mem_printf("%s[%s]", name, shown);
  free(shown);
  return text;
}

/* ---- what is told --------------------------------------------------------------------------------------------------
 */

void __real_lift_touch(PyObject *object, enum lift_part part, PyObject *key, uint64_t number, bool write);
void __wrap_lift_touch(PyObject *object, enum lift_part part, PyObject *key, uint64_t number, bool write);

/* The linker has lift_touch() come here first. */
void __wrap_lift_touch(PyObject *object, enum lift_part part, PyObject *key, uint64_t number, bool write) {
  char *text = text_of(object, part, key, number), *said = mem_printf("%c %s", write ? 'w' : 'r', text);
  bool a_name = object == space && part == LIFT_ITEM && !write && strcmp(text, "g") != 0;
  if (!a_name && !strlist_has(&touches, said)) {
    strlist_add(&touches, said);
  }
  free(said);
  free(text);
  __real_lift_touch(object, part, key, number, write);
}

static void *on_found(void *arg, const struct lift_race *race) {
  (void)arg;
  const struct lift_cell *cell = race->cell;
  char *text = text_of(cell->object, cell->part, cell->key, cell->number);
  if (!strlist_has(&races, text)) {
    strlist_add(&races, text);
  }
  free(text);
  return NULL;
}

static void again(void *arg, void *known) { (void)arg, (void)known; }

/* ---- running -------------------------------------------------------------------------------------------------------
 */

static void evaluate(const char *code) {
  PyObject *compiled = Py_CompileString(code, "case.py", Py_file_input);
  PyObject *done = compiled ? PyEval_EvalCode(compiled, space, space) : NULL;
  if (!done) {
    PyErr_Print();
    fail(code, "code that runs", "an exception");
  }
  Py_XDECREF(done);
  Py_XDECREF(compiled);
}

static PyObject *function_of(const char *statement) {
  char *code = mem_printf("def f():\n  %s\n", statement);
  evaluate(code);
  free(code);
  PyObject *function = PyDict_GetItemString(space, "f");
  Py_XINCREF(function);
  PyDict_DelItemString(space, "f");
  return function;
}

static void begin_thread(int number, const char *name) {
  void *token = sync_listener()->starting(name);
  thread = number;
  sync_listener()->begun(token);
  thread = -1;
}

/* Each on a thread of its own. */
static void run(const char *first, const char *second) {
  const char *statements[] = {first, second};
  PyObject *functions[2] = {NULL, NULL};
  space = PyDict_New();
  PyDict_SetItemString(space, "__builtins__", PyEval_GetBuiltins());
  evaluate("__name__ = 'case'");
  evaluate(lift_setup_code);
  for (int i = 0; i < 2 && statements[i]; i++) {
    functions[i] = function_of(statements[i]);
  }
  strlist_free(&touches);
  strlist_free(&races);
  thread = -1;
  lift_begin(thread_now);
  begin_thread(0, "first");
  begin_thread(1, "second");
  for (int i = 0; i < 2 && functions[i]; i++) {
    thread = i;
    PyObject *result = PyObject_CallNoArgs(functions[i]);
    if (!result) {
      PyErr_Print();
      fail(statements[i], "a result", "an exception");
    }
    Py_XDECREF(result);
  }
  thread = -1;
  lift_end();
  for (int i = 0; i < 2; i++) {
    Py_XDECREF(functions[i]);
  }
  PyDict_Clear(space);
  Py_DECREF(space);
}

static void check_case(const struct lift_case *test) {
  run(test->statement, NULL);
  char *got = strlist_join(&touches, ", ");
  if (strcmp(got, test->touches) != 0) {
    fail(test->statement, test->touches, got);
  }
  free(got);
}

static void check_pair(const struct lift_pair *pair) {
  run(pair->first, pair->second);
  char *got = strlist_join(&races, " ");
  if (strcmp(got, pair->found) != 0) {
    char *what = mem_printf("\"%s\" and \"%s\"", pair->first, pair->second);
    fail(what, pair->found, got);
    free(what);
  }
  free(got);
}

int main(void) {
  start_python();
  struct err err = ERR_INIT;
  struct strlist watched = {0};
  strlist_add(&watched, "case.py");
  const struct code_map_rules rules = {.watched_files = &watched};
  code_map_init(&rules);
  lift_open(&(struct lift_setup){.found = on_found, .again = again});
  if (!observe_start(NULL, NULL, true, &err)) {
    printf("nothing is lifted: %s\n", err.msg);
    return PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030E0000;
  }
  opcode_events_thread();
  size_t cases = sizeof lift_cases / sizeof *lift_cases, pairs = sizeof lift_pairs / sizeof *lift_pairs;
  for (size_t i = 0; i < cases; i++) {
    check_case(&lift_cases[i]);
  }
  for (size_t i = 0; i < pairs; i++) {
    check_pair(&lift_pairs[i]);
  }
  printf("%zu statements, %zu pairs, %d failures on CPython %s\n", cases, pairs, failures, PY_VERSION);
  return failures != 0;
}
