/* The observer against one interpreter: what pairs of functions touch, that their results are the same as unobserved,
 * and that stack depths agree with the interpreter over much of the standard library. */
#include "python/python.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "platform/mem.h"
#include "python/code_map.h"
#include "python/observe.h"
#include "python/opcode_events.h"
#include "strategy/strategy.h"
#include "tests/python/observe_cases.h"
#include "tests/python/observe_pairs.h"
#include "tests/python/start_python.h"

#define MOST 2000

struct accesses {
  uint64_t cells[MOST];
  bool writes[MOST];
  int count;
  bool unknown;
};

static struct accesses seen[2];
static int thread;
static int failures;
static unsigned long events;

static int thread_now(void) { return thread; }

static void sink(void *arg, uint64_t cell, bool write) {
  (void)arg;
  struct accesses *into = &seen[thread];
  into->unknown |= cell == STRATEGY_CELL_UNKNOWN;
  if (into->count < MOST) {
    into->cells[into->count] = cell;
    into->writes[into->count++] = write;
  }
}

static void fail(const char *name, const char *why) {
  printf("FAILED %s: %s\n", name, why);
  failures++;
}

static bool conflict(void) {
  for (int i = 0; i < seen[0].count; i++) {
    for (int j = 0; j < seen[1].count; j++) {
      if (seen[0].cells[i] == seen[1].cells[j] && seen[0].cells[i] && (seen[0].writes[i] || seen[1].writes[j])) {
        return true;
      }
    }
  }
  return false;
}

/* On this thread, too. */
static bool start_observing(struct err *err) {
  bool ok = observe_start(sink, NULL, false, err);
  opcode_events_thread();
  return ok;
}
static PyObject *load(const char *code) {
  PyObject *space = PyDict_New();
  PyDict_SetItemString(space, "__builtins__", PyEval_GetBuiltins());
  PyDict_SetItemString(space, "__name__", PyUnicode_FromString("case"));
  PyObject *compiled = Py_CompileString(code, "case.py", Py_file_input);
  PyObject *done = compiled ? PyEval_EvalCode(compiled, space, space) : NULL;
  if (!done) {
    PyErr_Print();
    fail(code, "does not load");
  }
  Py_XDECREF(done);
  Py_XDECREF(compiled);
  return space;
}

/* Runs a and b, and says what they gave and what they left. */
static char *run(PyObject *space, bool backwards) {
  struct buf text = {0};
  for (int turn = 0; turn < 2; turn++) {
    thread = backwards ? 1 - turn : turn;
    PyObject *result = PyObject_CallNoArgs(PyDict_GetItemString(space, thread ? "b" : "a"));
    PyObject *shown = result ? PyObject_Repr(result) : NULL;
    if (!shown) {
      PyErr_Print();
    }
    buf_printf(&text, "%s ", shown ? PyUnicode_AsUTF8(shown) : "an exception");
    Py_XDECREF(shown);
    Py_XDECREF(result);
  }
  thread = 0;
  PyObject *left = PyObject_Repr(PyDict_GetItemString(space, "root"));
  const char *shown = left ? PyUnicode_AsUTF8(left) : "?";
  buf_puts(&text, strchr(shown, '<') ? "" : shown); /* an address is in it */
  Py_XDECREF(left);
  return buf_take(&text);
}

static bool same_cells(const struct accesses *a, const struct accesses *b) {
  return a->count == b->count && !memcmp(a->cells, b->cells, (size_t)a->count * sizeof *a->cells);
}

static void run_case(const struct observe_case *test) {
  struct err err = ERR_INIT;
  PyObject *plain = load(test->code);
  char *expected = run(plain, false);
  Py_DECREF(plain);
  struct accesses *first = mem_alloc(sizeof *first);
  for (int round = 0; round < 3; round++) { /* first calls; calls of code that has its events already; b before a */
    PyObject *space = load(test->code);
    memset(seen, 0, sizeof seen);
    observe_begin_schedule(round ? space : PyDict_GetItemString(space, "root"));
    if (!start_observing(&err)) {
      fail(test->name, err.msg);
      exit(1);
    }
    char *got = run(space, round == 2);
    observe_stop();
    observe_end_schedule();
    bool unknown = seen[0].unknown || seen[1].unknown;
    enum expected outcome = unknown ? UNKNOWN : conflict() ? CONFLICT : APART;
    static const char *const words[] = {"apart", "a conflict", "unknown"};
    if (outcome != test->expected) {
      fail(test->name, words[outcome]);
    }
    if (round < 2 && strcmp(got, expected) != 0) {
      fail(test->name, "another result");
    }
    if (round == 1) {
      *first = seen[0];
    } else if (round == 2 && outcome == APART && !same_cells(first, &seen[0])) {
      fail(test->name, "other cells when b goes first");
    }
    free(got);
    Py_DECREF(space);
  }
  free(first);
  free(expected);
}

static void run_text(const char *code) {
  PyObject *space = load(code);
  Py_DECREF(space);
}

static const char library[] =
    "import json, textwrap, dis, inspect, ast, tokenize, io, re, string, random, decimal, fractions, argparse, "
    "difflib\n"
    "import dataclasses, typing, enum, heapq, copy, pprint, traceback, contextlib, functools, collections, statistics\n"
    "text = inspect.getsource(textwrap)\n"
    "json.loads(json.dumps({'a': [1, 2.5, None, {'b': 'c'}]}, indent=1, sort_keys=True))\n"
    "textwrap.fill(text, 40)\n"
    "list(dis.get_instructions(argparse.ArgumentParser.parse_known_args))\n"
    "ast.unparse(ast.parse(inspect.getsource(contextlib)))\n"
    "list(tokenize.generate_tokens(io.StringIO(text).readline))\n"
    "re.compile(r'(a|b)*c{2,3}(?P<x>[^d-f]+)')\n"
    "list(difflib.unified_diff(text.split()[:80], text.split()[20:110]))\n"
    "p = argparse.ArgumentParser(); p.add_argument('--x', type=int, default=3); p.parse_args(['--x', '4']); "
    "p.format_help()\n"
    "pprint.pformat({i: [j for j in range(i)] for i in range(20)})\n"
    "statistics.stdev([1, 2, 3, 4.5]); copy.deepcopy({'a': [1, {2: 3}]}); fractions.Fraction(3, 7) + 1\n"
    "@contextlib.contextmanager\n"
    "def c():\n"
    "  try: yield 1\n"
    "  finally: pass\n"
    "try:\n"
    "  with c() as x: raise ValueError('v')\n"
    "except ValueError: traceback.format_exc()\n"
    "class E(enum.Enum): A = 1; B = 2\n"
    "@dataclasses.dataclass(order=True)\n"
    "class D:\n"
    "  x: int = 0\n"
    "  y: list = dataclasses.field(default_factory=list)\n"
    "sorted([D(2), D(1)])\n"
    "import asyncio\n"
    "async def agen():\n"
    "  for i in range(3):\n"
    "    yield i\n"
    "async def main():\n"
    "  async with asyncio.Lock(): pass\n"
    "  try:\n"
    "    async with asyncio.timeout(5): await asyncio.sleep(0)\n"
    "  finally: pass\n"
    "  return [x async for x in agen()]\n"
    "asyncio.run(main())\n"
    "match {'a': [1, 2]}:\n"
    "  case {'a': [x, *rest], **other}: pass\n"
    "try:\n"
    "  try: raise ExceptionGroup('g', [ValueError(1), KeyError(2)])\n"
    "  except* ValueError as e: pass\n"
    "except ExceptionGroup: pass\n";

static void check_library(void) {
  struct err err = ERR_INIT;
  observe_self_check(true);
  observe_begin_schedule(NULL);
  if (!start_observing(&err)) {
    fail("library", err.msg);
    return;
  }
  run_text(library);
  run_text(library);
  observe_stop();
  observe_end_schedule();
  observe_self_check(false);
  uint64_t compared, wrong;
  observe_self_check_result(&compared, &wrong);
  printf("depths: %llu compared, %llu wrong\n", (unsigned long long)compared, (unsigned long long)wrong);
  if (wrong || compared < 100000) {
    fail("library", "depths of the value stack");
  }
}

/* ---- each statement against each ---- */

static PyObject *setup_code, *before_code;

static PyObject *fresh_space(void) {
  PyObject *space = PyDict_New();
  PyDict_SetItemString(space, "__builtins__", PyEval_GetBuiltins());
  PyObject *name = PyUnicode_FromString("case");
  PyDict_SetItemString(space, "__name__", name);
  Py_DECREF(name);
  Py_XDECREF(PyEval_EvalCode(setup_code, space, space));
  return space;
}

static PyObject *statement_code(const char *statement) {
  char text[1000];
  snprintf(text, sizeof text, "def f():\n  global d, l, s\n  v = 0\n  %s\n  return repr(v)\n", statement);
  PyObject *code = Py_CompileString(text, "case.py", Py_file_input);
  if (!code) {
    PyErr_Print();
    fail(statement, "does not compile");
  }
  return code;
}

static PyObject *function_in(PyObject *space, PyObject *code) {
  Py_XDECREF(PyEval_EvalCode(code, space, space));
  PyObject *function = PyDict_GetItemString(space, "f");
  Py_XINCREF(function);
  PyDict_DelItemString(space, "f");
  return function;
}

static void add_result(struct buf *text, PyObject *function) {
  PyObject *result = PyObject_CallNoArgs(function);
  if (!result) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    buf_puts(text, ((PyTypeObject *)type)->tp_name);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
  } else if (PyUnicode_Check(result)) {
    buf_puts(text, PyUnicode_AsUTF8(result));
  }
  Py_XDECREF(result);
}

/* What the two gave, in the order a, b, and what they left. */
static char *run_pair(PyObject *a, PyObject *b, bool backwards, bool observed) {
  struct err err = ERR_INIT;
  PyObject *space = fresh_space();
  PyObject *functions[2] = {function_in(space, a), function_in(space, b)};
  PyObject *before = function_in(space, before_code);
  struct buf texts[2] = {{0}, {0}};
  if (observed) {
    observe_begin_schedule(space);
    start_observing(&err);
  }
  Py_XDECREF(PyObject_CallNoArgs(before));
  Py_DECREF(before);
  seen[0].count = seen[1].count = 0;
  seen[0].unknown = seen[1].unknown = false;
  for (int i = 0; i < 2; i++) {
    thread = backwards ? 1 - i : i;
    add_result(&texts[thread], functions[thread]);
  }
  thread = 0;
  if (observed) {
    observe_stop();
    observe_end_schedule();
  }
  buf_printf(&texts[0], " | %s | ", buf_text(&texts[1]));
  add_result(&texts[0], PyDict_GetItemString(space, "state"));
  buf_free(&texts[1]);
  Py_DECREF(functions[0]);
  Py_DECREF(functions[1]);
  Py_DECREF(space);
  return buf_take(&texts[0]);
}

static void check_pairs(void) {
  enum { COUNT = sizeof pairs / sizeof *pairs };
  static PyObject *codes[COUNT];
  setup_code = Py_CompileString(pairs_setup, "case.py", Py_file_input);
  before_code = statement_code(pairs_before);
  for (int i = 0; i < COUNT; i++) {
    codes[i] = statement_code(pairs[i]);
  }
  struct accesses *first = mem_alloc(sizeof *first), *second = mem_alloc(sizeof *second);
  int apart = 0, unknown = 0, needless = 0;
  for (int i = 0; setup_code && i < COUNT; i++) {
    for (int j = 0; j < COUNT; j++) {
      char *forward = run_pair(codes[i], codes[j], false, true);
      bool is_unknown = seen[0].unknown || seen[1].unknown;
      bool is_apart = !is_unknown && !conflict();
      *first = seen[0];
      *second = seen[1];
      char *backward = run_pair(codes[i], codes[j], true, is_apart);
      if (is_apart && (!same_cells(first, &seen[0]) || !same_cells(second, &seen[1]))) {
        fail(pairs[i], "the cells are others in the other order, against");
        fail(pairs[j], "this one");
      }
      bool commutes = !strcmp(forward, backward);
      apart += is_apart;
      unknown += is_unknown;
      needless += commutes && !is_apart && !is_unknown;
      if (is_apart && !commutes) {
        char both[4000];
        snprintf(both, sizeof both, "\"%s\" and \"%s\":\n  %s\n  %s\n ", pairs[i], pairs[j], forward, backward);
        fail(both, "said to be apart, but their order matters");
      }
      free(forward);
      free(backward);
    }
  }
  free(first);
  free(second);
  printf("%d pairs of statements: %d apart, %d unknown, %d conflict though their order did not matter here\n",
         COUNT * COUNT, apart, unknown, needless);
}

/* ---- C code that calls Python code, in which a switch may be ---- */

/* The last access of `later` comes behind the last of `earlier`. */
static void check_last(const char *name, PyObject *space, const char *earlier, const char *later) {
  uint64_t before = observe_cell(PyDict_GetItemString(space, earlier), NULL);
  uint64_t behind = observe_cell(PyDict_GetItemString(space, later), NULL);
  int last_before = -1, last_behind = -1;
  for (int i = 0; i < seen[0].count; i++) {
    last_before = seen[0].cells[i] == before && seen[0].writes[i] ? i : last_before;
    last_behind = seen[0].cells[i] == behind && seen[0].writes[i] ? i : last_behind;
  }
  if (last_before < 0 || last_behind < last_before) {
    fail(name, "not told again when Python code comes back to C");
  }
}

static void check_callbacks(void) {
  static const char *const codes[] = {
      "root, other = [], []\ndef g():\n  yield 1\n  other.append(1)\n  yield 2\ndef a(): root.extend(g())",
      "root, other = [2, 1], []\ndef k(x):\n  other.append(1)\n  return x\ndef a(): root.sort(key=k)",
      "root, other = [2, 1], []\ndef k(x):\n  other.append(1)\n  raise KeyError\ndef a():\n  try: root.sort(key=k)\n"
      "  except KeyError: pass",
      "root, other = set(), []\nclass K:\n  def __hash__(self):\n    other.append(1)\n    return 1\n"
      "def a(): root.add(K())",
  };
  struct err err = ERR_INIT;
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    PyObject *space = load(codes[i]);
    memset(seen, 0, sizeof seen);
    observe_begin_schedule(space);
    start_observing(&err);
    Py_XDECREF(PyObject_CallNoArgs(PyDict_GetItemString(space, "a")));
    observe_stop();
    check_last(codes[i], space, "other", "root");
    observe_end_schedule();
    Py_DECREF(space);
  }
}

/* ---- two consumers ---- */

static bool everything(const struct code_info *info) { return !strcmp(info->file, "case.py"); }

static void start_events(opcode_callback *callback) {
  struct err err = ERR_INIT;
  if (!opcode_events_start(everything, callback, &err)) {
    fail("events", err.msg);
  }
  opcode_events_thread();
}

static bool count_event(PyFrameObject *frame, struct code_info *info, int offset) {
  (void)info, (void)offset;
  events += frame != NULL;
  return true;
}

static bool raise_here(PyFrameObject *frame, struct code_info *info, int offset) {
  (void)frame;
  if (!strcmp(code_map_op(info, offset), "STORE_ATTR")) {
    PyErr_SetString(PyExc_SystemExit, "unwound");
    return false;
  }
  return true;
}

static void check_points(void) {
  struct err err = ERR_INIT;
  PyObject *space = load(BOX "root.x = 0\nroot.y = 0\ndef f():\n  try: root.x = 1\n  finally: root.y\ndef a():\n  for "
                             "i in range(3): len('x')\n");
  unsigned long counts[3];
  for (int i = 0; i < 3; i++) {
    events = 0;
    start_events(count_event);
    if (i == 1) {
      start_observing(&err);
    }
    Py_XDECREF(PyObject_CallNoArgs(PyDict_GetItemString(space, "a")));
    opcode_events_stop();
    observe_stop();
    counts[i] = events;
  }
  printf("events of a small function: %lu\n", counts[0]);
  if (!counts[0] || counts[0] != counts[1] || counts[1] != counts[2]) {
    fail("events", "not the same in the first call, the second, and beside the observer");
  }
  start_events(raise_here);
  PyObject *result = PyObject_CallNoArgs(PyDict_GetItemString(space, "f"));
  opcode_events_stop();
  if (result || !PyErr_ExceptionMatches(PyExc_SystemExit)) {
    fail("unwinding", "the exception did not come out");
  }
  PyErr_Clear();
  events = 0;
  Py_XDECREF(PyObject_CallNoArgs(PyDict_GetItemString(space, "a")));
  opcode_events_uninstall();
  Py_XDECREF(PyObject_CallNoArgs(PyDict_GetItemString(space, "a")));
  if (events) {
    fail("stopping", "events came");
  }
  Py_DECREF(space);
}

/* ---- what it costs ---- */

static const char plain_loop[] =
    "def f(n):\n  a = b = 0\n  for i in range(n):\n    a = b\n    b = a\n    a = i\n    b = a\n    a = b\n    b = a\n";
static const char access_loop[] = BOX "root.x = root.y = 0\ndef f(n):\n  o = root\n  for i in range(n):\n    o.x = i\n "
                                      "   o.y = i\n    o.x = i\n    o.y = i\n";

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double time_of(PyObject *space, long n) {
  double best = 1e9;
  for (int i = 0; i < 5; i++) {
    double start = seconds();
    PyObject *result = PyObject_CallFunction(PyDict_GetItemString(space, "f"), "l", n);
    double took = seconds() - start;
    best = took < best ? took : best;
    Py_XDECREF(result);
  }
  return best;
}

static void measure(const char *what, const char *code, int per_turn, bool observed) {
  struct err err = ERR_INIT;
  const long n = 100000;
  opcode_events_uninstall();
  PyObject *space = load(code);
  double bare = time_of(space, n);
  observe_begin_schedule(PyDict_GetItemString(space, "root"));
  if (observed) {
    start_observing(&err);
  }
  start_events(count_event);
  events = 0;
  Py_XDECREF(PyObject_CallFunction(PyDict_GetItemString(space, "f"), "l", 1000L));
  double count = (double)events / 1000;
  opcode_events_stop();
  double took = time_of(space, n);
  observe_stop();
  double off = time_of(space, n);
  observe_end_schedule();
  opcode_events_uninstall();
  printf("%s: %.0f events a turn, %.1f ns an event more (%.1f when stopped, not uninstalled)", what, count,
         (took - bare) / n / count * 1e9, (off - bare) / n / count * 1e9);
  if (per_turn) {
    printf("; %.0f ns an access more", (took - bare) / n / per_turn * 1e9);
  }
  printf("\n");
  Py_DECREF(space);
}

int main(int argc, char **argv) {
  start_python();
  const struct code_map_rules rules = {.cold = false};
  code_map_init(&rules);
  observe_threads(thread_now);
  struct err err = ERR_INIT;
  if (!start_observing(&err)) {
    printf("not observed: %s\n", err.msg);
    return PY_VERSION_HEX >= 0x030B0000;
  }
  observe_stop();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (argc < 2 || !strcmp(argv[1], cases[i].name)) {
      run_case(&cases[i]);
    }
  }
  if (argc < 2) {
    check_pairs();
    check_callbacks();
    check_points();
    check_library();
    measure("uninteresting instructions", plain_loop, 0, true);
    measure("attribute stores", access_loop, 4, true);
  }
  struct strlist unseen = {0};
  observe_unseen_names(&unseen);
  char *names = strlist_join(&unseen, ", ");
  printf("not seen: %s\n%zu pairs, %d failures on CPython %s\n", names, sizeof cases / sizeof *cases, failures,
         PY_VERSION);
  return failures != 0;
}
