/* What real threads are told to be ordered by, on one interpreter: of each program which marks come before which, and
 * that all else is as it was before the installation. */
#include "python/python.h"

#include <time.h>
#include <unistd.h>

#include "python/real_sync.h"
#include "tests/python/start_python.h"
#include "tests/python/sync_cases.h"
#include "tests/python/sync_recorder.h"

static int failures;

static void fail(const char *name, const char *why) {
  printf("FAILED %s: %s\n", name, why);
  failures++;
}

/* ---- the module ff, for the cases ---- */

static PyObject *ff_mark(PyObject *self, PyObject *name) {
  (void)self;
  recorder_mark(PyUnicode_AsUTF8(name));
  Py_RETURN_NONE;
}

/* True, False, or "once": up to the next start. */
static PyObject *ff_listen(PyObject *self, PyObject *how) {
  (void)self;
  told.once = PyUnicode_Check(how);
  sync_listen(how == Py_False ? NULL : &recorder);
  Py_RETURN_NONE;
}

static PyObject *ff_told(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  return Py_BuildValue("{s:i,s:i,s:i,s:i,s:i}", "starting", told.starting, "begun", told.begun, "ended", told.ended,
                       "not_begun", told.not_begun, "live", told.live);
}

static PyObject *ff_names(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  PyObject *names = PyList_New(0);
  for (size_t i = 0; i < told.names.count; i++) {
    PyObject *name = PyUnicode_FromString(told.names.items[i]);
    PyList_Append(names, name);
    Py_DECREF(name);
  }
  return names;
}

/* How often it was said of this address. */
static PyObject *ff_gone(PyObject *self, PyObject *address) {
  (void)self;
  long count = 0;
  for (int i = 0; i < told.gone_count; i++) {
    count += told.gone[i] == PyLong_AsVoidPtr(address);
  }
  return PyLong_FromLong(count);
}

static PyMethodDef functions[] = {
    {"mark", ff_mark, METH_O, NULL},        {"listen", ff_listen, METH_O, NULL}, {"told", ff_told, METH_NOARGS, NULL},
    {"names", ff_names, METH_NOARGS, NULL}, {"gone", ff_gone, METH_O, NULL},     {NULL, NULL, 0, NULL},
};

static struct PyModuleDef ff = {PyModuleDef_HEAD_INIT, .m_name = "ff", .m_size = -1, .m_methods = functions};

static PyObject *make_ff(void) { return PyModule_Create(&ff); }

/* ---- cases ---- */

static PyObject *space; /* in which the prelude ran */

static bool run(const char *name, const char *code, PyObject *globals) {
  PyObject *compiled = Py_CompileString(code, name, Py_file_input);
  PyObject *done = compiled ? PyEval_EvalCode(compiled, globals, globals) : NULL;
  if (!done) {
    PyErr_Print();
    fail(name, "an exception");
  }
  Py_XDECREF(done);
  Py_XDECREF(compiled);
  return done != NULL;
}

/* One word of an order: "a<b" or "a|b". */
static void check_order(const char *name, const char *word, size_t len) {
  char text[64], why[128];
  snprintf(text, sizeof text, "%.*s", (int)len, word);
  size_t split = strcspn(text, "<|");
  const struct mark *a = recorder_find(text, split), *b = recorder_find(text + split + 1, len - split - 1);
  if (!a || !b) {
    snprintf(why, sizeof why, "%s: not both were reached", text);
    fail(name, why);
    return;
  }
  bool before = recorder_before(a, b), behind = recorder_before(b, a);
  if (before != (text[split] == '<') || behind) {
    snprintf(why, sizeof why, "%s, but it came out %s", text,
             before && behind ? "both ways"
             : before         ? "<"
             : behind         ? ">"
                              : "unordered");
    fail(name, why);
  }
}

static void run_case(const struct sync_case *test, bool listened) {
  PyObject *globals = PyDict_Copy(space);
  PyObject *problems = PyList_New(0);
  PyList_SetSlice(PyDict_GetItemString(globals, "problems"), 0, PY_SSIZE_T_MAX, problems);
  Py_DECREF(problems);
  recorder_reset();
  sync_listen(listened ? &recorder : NULL);
  alarm(120); /* a deadlock */
  bool ran = run(test->name, test->code, globals);
  sync_listen(NULL);
  problems = PyObject_Repr(PyDict_GetItemString(globals, "problems"));
  if (ran && strcmp(PyUnicode_AsUTF8(problems), "[]") != 0) {
    fail(test->name, PyUnicode_AsUTF8(problems));
  }
  Py_DECREF(problems);
  Py_DECREF(globals);
  if (told.broken) {
    fail(test->name, told.broken);
  }
  for (const char *word = test->order; listened && ran && *word;) {
    size_t len = strcspn(word, " ");
    check_order(test->name, word, len);
    word += len + strspn(word + len, " ");
  }
}

/* ---- that nothing else is other than before ---- */

/* Bit 19 says that a type has a version, which it may have at any time. */
static const char behaviour[] =
    "import inspect, re\n"
    "seen = []\n"
    "def see(*values): seen.extend(re.sub('0x[0-9a-f]+', '0x', repr(v)) for v in values)\n"
    "def attempt(f, *args, **kwargs):\n"
    "  try: see(f(*args, **kwargs))\n"
    "  except Exception as e: see(type(e), e)\n"
    "lock, rlock, simple = Lock(), RLock(), queue.SimpleQueue()\n"
    "for thing in lock, rlock, simple, _thread:\n"
    "  kind = thing if thing is _thread else type(thing)\n"
    "  see(id(kind), thing, kind.__dict__.keys(), kind.__doc__)\n"
    "  if thing is not _thread: see(kind.__mro__, kind.__flags__ & ~(1 << 19), kind.__basicsize__)\n"
    "  for name in sorted(kind.__dict__):\n"
    "    value = kind.__dict__[name]\n"
    "    if callable(value): see(id(value), value, value.__doc__, getattr(value, '__text_signature__', 0))\n"
    "for held in lock, rlock: see(held, held.acquire(), held, held.release(), held)\n"
    "for wrong in (1, 2, 3), ('x',), (False, 5), (True, -7), (True, None), (True, 1e300), (False, -1):\n"
    "  attempt(lock.acquire, *wrong), attempt(rlock.acquire, *wrong)\n"
    "  if lock.locked(): lock.release()\n"
    "  if rlock._is_owned(): rlock.release()\n"
    "attempt(lock.acquire, wrong=1), attempt(lock.release), attempt(rlock.release), attempt(lock.release, 1)\n"
    "attempt(lock.__exit__), attempt(rlock.__exit__, None, None, None), attempt(rlock._release_save)\n"
    "attempt(rlock._acquire_restore), attempt(rlock._acquire_restore, 3), attempt(rlock._acquire_restore, (1, 2))\n"
    "attempt(type(lock).acquire), attempt(type(lock).acquire, 3), attempt(type(rlock).release, lock)\n"
    "if rlock._is_owned(): see(rlock._release_save())\n"
    "attempt(simple.put), attempt(simple.put, 1, 2, 3, 4), attempt(simple.put_nowait), attempt(simple.get, wrong=1)\n"
    "see(simple.qsize()), attempt(simple.get_nowait), attempt(simple.get, True, -1), attempt(simple.get, timeout='x')\n"
    "for wrong in (), (1,), (1, ()), (len, []), (len, (), []), (len, (), {}, 1): attempt(_thread.start_new_thread, "
    "*wrong)\n"
    "joinable = getattr(_thread, 'start_joinable_thread', None)\n"
    "if joinable:\n"
    "  handle = _thread._ThreadHandle()\n"
    "  attempt(joinable), attempt(joinable, 1), attempt(joinable, len, 3), attempt(joinable, len, None, True, 4)\n"
    "  attempt(joinable, wrong=1), attempt(joinable, function=3), attempt(handle.join), attempt(handle._set_done)\n"
    "  see(handle.is_done(), handle)\n"
    "  for args, kwargs in ((print,), {}), ((int,), dict(handle=None)), ((), dict(function=int, daemon=False)), "
    "((int, handle), {}):\n"
    "    got = joinable(int, *args[1:], **kwargs) if args else joinable(**kwargs)\n"
    "    see(type(got), got is handle, got.join(), got.is_done(), got.join(0), got.ident > 0)\n"
    "  attempt(joinable, int, handle), attempt(joinable, int, daemon=type('D', (), {'__bool__': lambda s: 1 / 0})())\n"
    "unraisable, over = [], queue.SimpleQueue()\n"
    "def hook(args):\n"
    "  codes, tb = [], args.exc_traceback\n"
    "  while tb: codes, tb = codes + [tb.tb_frame.f_code.co_name], tb.tb_next\n"
    "  over.put((args.err_msg, args.object, args.exc_type, str(args.exc_value), codes))\n"
    "def inner(x): raise ValueError(x)\n"
    "def outer(x, y=0): inner(x + y)\n"
    "before, sys.unraisablehook = sys.unraisablehook, hook\n"
    "for f, args in (outer, (1,)), (int, ('x',)), (outer, ()), (type('C', (), {'__call__': lambda s: 1 / 0})(), ()):\n"
    "  _thread.start_new_thread(f, args)\n"
    "  got = over.get()\n"
    "  see(got, got[1] is f)\n"
    "_thread.start_new_thread(outer, (1,), {'y': 2}), see(over.get())\n"
    "_thread.start_new_thread(outer, (1,), {3: 2}), see(over.get())\n"
    "class Thing: pass\n"
    "def leave(thing): raise SystemExit(3)\n"
    "thing = Thing()\n"
    "left = weakref.finalize(thing, over.put, 'left')\n"
    "_thread.start_new_thread(leave, (thing,))\n"
    "del thing\n"
    "see(over.get())\n"
    "def depth(n=0):\n"
    "  try: return depth(n + 1)\n"
    "  except RecursionError: return n\n"
    "def deep(): over.put((depth(), sys._getframe().f_back, threading.get_ident() > 0))\n"
    "_thread.start_new_thread(deep, ()), see(over.get())\n"
    "def frames(): over.put([f.f_code.co_name for f in iter_frames(sys._getframe())])\n"
    "def iter_frames(frame):\n"
    "  while frame: yield frame; frame = frame.f_back\n"
    "t = Thread(target=frames)\n"
    "t.start(), see(over.get()), t.join(), see(t.is_alive(), t.ident > 0)\n"
    "attempt(t.join), attempt(t.start), attempt(Thread().join)\n"
    "sys.unraisablehook = before\n"
    "thing = Thing()\n"
    "started = [_thread.start_new_thread(lambda t: over.put(t.x), (thing,)) for thing.x in range(9)]\n"
    "see(sorted(over.get() for i in range(9)) and None)\n"
    "while sys.getrefcount(thing) > 2: pass\n"
    "del thing\n"
    "result = '\\n'.join(seen)\n";

static char *behave(const char *when) {
  PyObject *globals = PyDict_Copy(space);
  alarm(120);
  run(when, behaviour, globals);
  PyObject *result = PyDict_GetItemString(globals, "result");
  char *text = mem_dup(result ? PyUnicode_AsUTF8(result) : "");
  Py_DECREF(globals);
  return text;
}

/* The first line of the second that is another. */
static void compare(const char *when, const char *expected, const char *got) {
  for (int line = 1; *expected || *got; line++) {
    size_t a = strcspn(expected, "\n"), b = strcspn(got, "\n");
    if (a != b || memcmp(expected, got, a) != 0) {
      char why[600];
      snprintf(why, sizeof why, "line %d is \"%.*s\" and was \"%.*s\"", line, (int)(b < 250 ? b : 250), got,
               (int)(a < 250 ? a : 250), expected);
      fail(when, why);
      return;
    }
    expected += a + (expected[a] != 0);
    got += b + (got[b] != 0);
  }
}

/* ---- what it costs ---- */

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double measure(const char *code, long turns) {
  double best = 1e9;
  for (int i = 0; i < 5; i++) {
    double start = seconds();
    run("a measurement", code, space);
    double took = (seconds() - start) / (double)turns * 1e9;
    best = took < best ? took : best;
  }
  return best;
}

static const char lock_loop[] = "def f():\n  l = Lock()\n  for i in range(100000):\n    with l: pass\nf()";
static const char start_loop[] =
    "def f():\n  for i in range(500):\n    t = Thread(target=int)\n    t.start()\n    t.join()\nf()";

static void ignore(PyObject *object) { (void)object; }
static void *start_nothing(const char *name) { return (void *)name; }
static void ignore_token(void *token) { (void)token; }
static const struct sync_listener nobody = {ignore,       ignore,       ignore,      start_nothing,
                                            ignore_token, ignore_token, ignore_token};

int main(int argc, char **argv) {
  PyImport_AppendInittab("ff", make_ff);
  start_python();
  struct err err = ERR_INIT;
  space = PyDict_New();
  PyDict_SetItemString(space, "__builtins__", PyEval_GetBuiltins());
  recorder_reset();
  if (!run("the prelude", prelude, space)) {
    return 1;
  }
  char *expected = behave("before the installation");
  double lock_bare = measure(lock_loop, 100000), start_bare = measure(start_loop, 500);
  if (!real_sync_install(&err) || !real_sync_install(&err)) {
    fail("installation", err.msg);
    return 1;
  }
  char *unheard = behave("while nobody listens");
  compare("while nobody listens", expected, unheard);
  double lock_unheard = measure(lock_loop, 100000), start_unheard = measure(start_loop, 500);
  recorder_reset();
  sync_listen(&nobody);
  char *heard = behave("while somebody listens");
  compare("while somebody listens", expected, heard);
  double lock_heard = measure(lock_loop, 100000), start_heard = measure(start_loop, 500);
  sync_listen(NULL);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (argc < 2 || !strcmp(argv[1], cases[i].name)) {
      run_case(&cases[i], true);
    }
  }
  printf("with a lock: %.0f ns bare, %.0f unheard, %.0f heard; a thread: %.0f us bare, %.0f unheard, %.0f heard\n",
         lock_bare, lock_unheard, lock_heard, start_bare / 1000, start_unheard / 1000, start_heard / 1000);
  printf("%zu programs, %d failures on CPython %s\n", sizeof cases / sizeof *cases, failures, PY_VERSION);
  free(expected);
  free(unheard);
  free(heard);
  return failures != 0;
}
