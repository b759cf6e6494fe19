/* Programs with marks, and which of these come before which: each edge with its twin that has none.
 * "a<b": a comes before b. "a|b": neither comes before the other. */
#ifndef FF_TESTS_PYTHON_SYNC_CASES_H
#define FF_TESTS_PYTHON_SYNC_CASES_H

#include "python/python.h"

struct sync_case {
  const char *name;
  const char *order;
  const char *code;
};

/* What the cases use. It is run before the installation, and so are its imports. */
static const char prelude[] =
    "import _thread, queue, os, sys, threading, weakref, concurrent.futures\n"
    "from concurrent.futures import ThreadPoolExecutor\n"
    "from threading import Thread, Lock, RLock, Condition, Event, Semaphore, Barrier\n"
    "from ff import mark, listen, told, names, gone\n"
    "problems = []\n"
    "def excepthook(args):\n"
    "  if args.exc_type is not SystemExit: problems.append(repr(args.exc_value))\n"
    "threading.excepthook = excepthook\n"
    "class Gate:\n"
    "  'Orders threads for real, and nobody is told.'\n"
    "  def __init__(self): self.r, self.w = os.pipe()\n"
    "  def open(self): os.write(self.w, b'.')\n"
    "  def wait(self): os.read(self.r, 1)\n"
    "  def __del__(self): os.close(self.r), os.close(self.w)\n"
    "def run(one, two, one_first):\n"
    "  begin, go, over = Gate(), Gate(), Gate()\n"
    "  def first():\n"
    "    begin.wait()\n"
    "    try: one()\n"
    "    finally: go.open()\n"
    "    over.wait()\n"
    "  def second():\n"
    "    begin.wait()\n"
    "    if one_first: go.wait()\n"
    "    try: two()\n"
    "    finally: over.open()\n"
    "  threads = [Thread(target=f) for f in (first, second)]\n"
    "  for t in threads: t.start()\n"
    "  begin.open(), begin.open()\n"
    "  for t in threads: t.join()\n"
    "def after(one, two):\n"
    "  'one() has returned when two() is called, on another thread; both live until both are done.'\n"
    "  run(one, two, True)\n"
    "def at_once(one, two): run(one, two, False)\n"
    "old_lock, old_rlock, old_queue = Lock(), RLock(), queue.SimpleQueue()\n"
    "old_acquire, old_release, old_start = old_lock.acquire, old_lock.release, _thread.start_new_thread\n"
    "held_lock = Lock()\n"
    "held_lock.acquire()\n";

#define NAMES(lock, take, let_go)                                                                                      \
  "locks = [" lock "() for i in range(len(" take ") * len(" let_go "))]\n"                                             \
  "pairs = [(t, l) for t in " take " for l in " let_go "]\n"                                                           \
  "def turn(who):\n"                                                                                                   \
  "  for i, (lock, (take, let_go)) in enumerate(zip(locks, pairs)):\n"                                                 \
  "    take(lock)\n"                                                                                                   \
  "    mark(who + str(i))\n"                                                                                           \
  "    let_go(lock)\n"                                                                                                 \
  "    mark(who + str(i) + 'after')\n"                                                                                 \
  "after(lambda: turn('a'), lambda: turn('b'))"

static const struct sync_case cases[] = {
    {"lock", "a<b later|b a|early",
     "l = Lock()\ndef one():\n  with l: mark('a')\n  mark('later')\n"
     "def two():\n  mark('early')\n  with l: mark('b')\nafter(one, two)"},
    {"two locks", "a|b",
     "l, m = Lock(), Lock()\ndef one():\n  with l: mark('a')\ndef two():\n  with m: mark('b')\nafter(one, two)"},
    {"every name of acquire and release", "a0<b0 a1<b1 a2<b2 a3<b3 a4<b4 a5<b5 a6<b6 a7<b7 a8<b8 a8after|b8 a5|b4after",
     "L = _thread.LockType\n" NAMES("Lock", "(L.acquire, L.acquire_lock, L.__enter__)",
                                    "(L.release, L.release_lock, lambda l: l.__exit__(None, None, None))")},
    {"bound before the installation", "a<b later|b",
     "def one():\n  old_acquire()\n  mark('a')\n  old_release()\n  mark('later')\n"
     "def two():\n  old_acquire(timeout=5)\n  mark('b')\n  old_release()\nafter(one, two)"},
    {"held since before the installation", "a<b",
     "def one():\n  mark('a')\n  held_lock.release()\n"
     "def two():\n  held_lock.acquire()\n  mark('b')\nafter(one, two)"},
    {"made before the installation", "a<b c<d",
     "def one():\n  with old_rlock: mark('a')\n  mark('c')\n  old_queue.put(1)\n"
     "def two():\n  with old_rlock: mark('b')\n  old_queue.get()\n  mark('d')\nafter(one, two)"},
    {"acquire in vain", "a|b a<c",
     "l = Lock()\ndef one():\n  l.acquire()\n  mark('a')\n  l.release()\n  l.acquire()\n"
     "def two():\n  assert l.acquire(False) is False\n  assert l.acquire(timeout=0.01) is False\n"
     "  assert l.acquire(True, 0.01) is False\n  mark('b')\n  l.release()\n  assert l.acquire(False)\n  mark('c')\n"
     "after(one, two)"},
    {"acquire in time", "a<b a<c",
     "l, m = Lock(), Lock()\nl.acquire(), m.acquire()\ndef one():\n  mark('a')\n  l.release()\n  m.release()\n"
     "def two():\n  assert l.acquire(timeout=60) is True\n  mark('b')\n  assert m.acquire() is True\n  mark('c')\n"
     "at_once(one, two)"},
    {"a release that raises", "a|b",
     "l = Lock()\ndef one():\n  mark('a')\n  try: l.release()\n  except RuntimeError: pass\n  else: assert 0\n"
     "def two():\n  with l: mark('b')\nafter(one, two)"},
    {"rlock", "a<b later|b a|early",
     "l = RLock()\ndef one():\n  with l:\n    with l: mark('a')\n  mark('later')\n"
     "def two():\n  mark('early')\n  with l: mark('b')\nafter(one, two)"},
    {"two rlocks", "a|b",
     "l, m = RLock(), RLock()\ndef one():\n  with l: mark('a')\ndef two():\n  with m: mark('b')\nafter(one, two)"},
    {"every name of an rlock's", "a0<b0 a1<b1 a2<b2 a3<b3 a3after|b3 a3|b2after",
     "L = type(RLock())\n" NAMES("RLock", "(L.acquire, L.__enter__)",
                                 "(L.release, lambda l: l.__exit__(None, None, None))")},
    {"a subclass of rlock", "a<b later|b",
     "class Mine(type(RLock())): pass\nl = Mine()\ndef one():\n  with l: mark('a')\n  mark('later')\n"
     "def two():\n  with l: mark('b')\nafter(one, two)"},
    {"an rlock that is still held", "a|b a<c",
     "l = RLock()\nlet_go, over = Gate(), Gate()\ndef holder():\n  l.acquire()\n  l.acquire()\n  mark('a')\n"
     "  l.release()\n  over.open()\n  let_go.wait()\n  l.release()\n  over.open()\n  let_go.wait()\n"
     "t = Thread(target=holder)\nt.start()\nover.wait()\nassert not l.acquire(False)\n"
     "assert not l.acquire(timeout=0.01)\nmark('b')\nlet_go.open()\nover.wait()\nassert l.acquire(False)\nmark('c')\n"
     "let_go.open()\nt.join()"},
    {"an rlock that another holds", "a|b",
     "l = RLock()\ngo, over = Gate(), Gate()\ndef body():\n  go.wait()\n  mark('a')\n"
     "  for let_go in l.release, lambda: l.__exit__(None, None, None):\n"
     "    try: let_go()\n    except RuntimeError: pass\n    else: assert 0\n  over.open()\n  go.wait()\n"
     "t = Thread(target=body)\nt.start()\nl.acquire()\ngo.open()\nover.wait()\nl.release()\nl.acquire()\n"
     "mark('b')\nl.release()\ngo.open()\nt.join()"},
    {"an rlock that nobody holds", "a|b",
     "l = RLock()\ndef one():\n  mark('a')\n  for let_go in l.release, l.__exit__, l._release_save:\n"
     "    try: let_go()\n    except RuntimeError: pass\n    else: assert 0\n"
     "def two():\n  with l: mark('b')\nafter(one, two)"},
    {"condition", "a<b b|later a|early",
     "c = Condition(Lock())\nready = False\ndef one():\n  mark('early')\n  with c:\n    while not ready: c.wait()\n"
     "  mark('b')\ndef two():\n  global ready\n  mark('a')\n  with c:\n    ready = True\n    c.notify()\n  "
     "mark('later')\n"
     "at_once(one, two)"},
    {"condition of an rlock, twice held", "a<b b|later",
     "c = Condition()\nready = False\ndef one():\n  with c:\n    with c:\n      while not ready: c.wait(60)\n"
     "  mark('b')\ndef two():\n  global ready\n  mark('a')\n  with c:\n    ready = True\n    c.notify_all()\n"
     "  mark('later')\nat_once(one, two)"},
    {"condition that is not notified", "a<b b|later",
     "c = Condition()\nready = False\ndef one():\n  with c:\n    while not ready: c.wait(0.001)\n    mark('b')\n"
     "def two():\n  global ready\n  mark('a')\n  with c: ready = True\n  mark('later')\nat_once(one, two)"},
    {"condition that is waited for", "a<b b<later",
     "c = Condition()\nready = seen = False\ndef one():\n  global ready\n  with c:\n    mark('a')\n    ready = True\n"
     "    while not seen: c.wait(0.001)\n  mark('later')\ndef two():\n  global seen\n  while not seen:\n"
     "    with c:\n      seen = ready\n      if seen: mark('b')\nat_once(one, two)"},
    {"condition in vain", "a|b",
     "c, d = Condition(), Condition()\ndef one():\n  mark('a')\n  with c: c.notify()\n"
     "def two():\n  with d: assert not d.wait(0.01)\n  mark('b')\nafter(one, two)"},
    {"event", "a<b later|b",
     "e = Event()\ndef one():\n  mark('a')\n  e.set()\n  mark('later')\n"
     "def two():\n  assert e.wait()\n  mark('b')\nafter(one, two)"},
    {"event that is waited for", "a<b later|b",
     "e = Event()\ndef one():\n  mark('a')\n  e.set()\n  mark('later')\n"
     "def two():\n  assert e.wait(60)\n  mark('b')\nat_once(one, two)"},
    {"another event", "a|b",
     "e, f = Event(), Event()\ndef one():\n  mark('a')\n  e.set()\n"
     "def two():\n  assert not f.wait(0.01)\n  mark('b')\nafter(one, two)"},
    {"semaphore", "a<b later|b",
     "s = Semaphore(0)\ndef one():\n  mark('a')\n  s.release()\n  mark('later')\n"
     "def two():\n  s.acquire()\n  mark('b')\nat_once(one, two)"},
    {"two semaphores", "a|b",
     "s, r = Semaphore(0), Semaphore(1)\ndef one():\n  mark('a')\n  s.release()\n"
     "def two():\n  r.acquire()\n  mark('b')\nafter(one, two)"},
    {"barrier", "a<d c<b a|c b|d",
     "r = Barrier(2)\ndef one():\n  mark('a')\n  r.wait()\n  mark('b')\n"
     "def two():\n  mark('c')\n  r.wait()\n  mark('d')\nat_once(one, two)"},
    {"queue", "a<b later|b c<d",
     "q, r = queue.Queue(), queue.Queue(1)\ndef one():\n  mark('a')\n  q.put(1)\n  mark('later')\n"
     "  r.put(1)\n  r.put(2)\n  mark('d')\n"
     "def two():\n  assert q.get() == 1\n  mark('b')\n  mark('c')\n  assert r.get() == 1\nat_once(one, two)"},
    {"two queues", "a|b",
     "q, r = queue.Queue(), queue.Queue()\nr.put(1)\ndef one():\n  mark('a')\n  q.put(1)\n"
     "def two():\n  r.get()\n  mark('b')\nafter(one, two)"},
    {"simple queue", "a<b later|b c<d e<f",
     "q = queue.SimpleQueue()\ndef one():\n  mark('a')\n  q.put(False)\n  mark('later')\n"
     "def two():\n  assert q.get() is False\n  mark('b')\nafter(one, two)\n"
     "def three():\n  mark('c')\n  q.put_nowait(item=0)\ndef four():\n  assert q.get_nowait() == 0\n  mark('d')\n"
     "after(three, four)\n"
     "def five():\n  mark('e')\n  q.put(None, False, timeout=1)\n"
     "def six():\n  assert q.get(block=True, timeout=60) is None\n  mark('f')\nat_once(five, six)"},
    {"simple queue in vain", "a|b a|c",
     "q, r = queue.SimpleQueue(), queue.SimpleQueue()\nr.put(1)\ndef one():\n  mark('a')\n  q.put(1)\n  q.get()\n"
     "def two():\n  for get in q.get_nowait, lambda: q.get(timeout=0.01), lambda: q.get(False):\n"
     "    try: get()\n    except queue.Empty: pass\n    else: assert 0\n"
     "  mark('b')\n  r.get()\n  mark('c')\nafter(one, two)"},
    {"executor", "a<b a<e b<c d|b d|e b|e b<f e<f",
     "started, begin, go, over = Gate(), Gate(), Gate(), Gate()\nwith ThreadPoolExecutor(2) as pool:\n"
     "  def task():\n    started.open()\n    begin.wait()\n    mark('b')\n    go.open()\n    over.wait()\n    return "
     "1\n"
     "  def other():\n    started.open()\n    go.wait()\n    mark('e')\n    over.open()\n"
     "  mark('a')\n  second, first = pool.submit(other), pool.submit(task)\n  started.wait(), started.wait()\n"
     "  mark('d')\n  begin.open()\n  assert first.result() == 1\n  mark('c')\nmark('f')"},
    {"start and join", "a<b b<c b|d a<d",
     "def body(): mark('b')\nmark('a')\nt = Thread(target=body)\nt.start()\nmark('d')\nt.join()\nmark('c')"},
    {"a thread that nobody joins", "a<b b|c",
     "over = Gate()\ndef body():\n  mark('b')\n  over.open()\nmark('a')\n_thread.start_new_thread(body, ())\n"
     "over.wait()\nmark('c')"},
    {"two threads", "b|c",
     "go, over = Gate(), Gate()\ndef one():\n  go.wait()\n  mark('b')\n  over.open()\ndef two():\n  go.wait()\n"
     "  mark('c')\n  over.open()\nts = [Thread(target=f) for f in (one, two)]\nfor t in ts: t.start()\n"
     "go.open()\ngo.open()\nfor t in ts: t.join()"},
    {"join in vain", "b|c b<d",
     "go, over = Gate(), Gate()\ndef body():\n  mark('b')\n  over.open()\n  go.wait()\n"
     "t = Thread(target=body)\nt.start()\nover.wait()\nt.join(0.01)\nt.join(0)\nassert t.is_alive()\nmark('c')\n"
     "go.open()\nt.join()\nmark('d')"},
    {"two that join", "b<c c|d", /* for who comes later threading takes no lock up to 3.12 */
     "begin = Gate()\ndef body():\n  begin.wait()\n  mark('b')\nt = Thread(target=body)\nt.start()\n"
     "def one():\n  begin.open()\n  t.join()\n  mark('c')\ndef two():\n  t.join()\n  mark('d')\nafter(one, two)"},
    {"seen not to live any more", "b<c",
     "def body(): mark('b')\nt = Thread(target=body)\nt.start()\nwhile t.is_alive(): pass\nmark('c')"},
    {"daemon", "b<c", "def body(): mark('b')\nt = Thread(target=body, daemon=True)\nt.start()\nt.join()\nmark('c')"},
    {"a thread that raises", "b<c",
     "def body():\n  mark('b')\n  raise ValueError(7)\nt = Thread(target=body)\nt.start()\nt.join()\nmark('c')\n"
     "assert problems == ['ValueError(7)'], problems\nproblems.clear()"},
    {"a thread that leaves", "b<c",
     "def body():\n  mark('b')\n  sys.exit(3)\nt = Thread(target=body)\nt.start()\nt.join()\nmark('c')"},
    {"a thread that is left", "b<c",
     "class Mine(Thread):\n  def run(self):\n    mark('b')\n    _thread.exit()\nt = Mine()\nt.start()\nt.join()\n"
     "mark('c')"},
    {"a thread of a thread", "a<b b<c c<d d<e",
     "def inner(): mark('c')\ndef outer():\n  mark('b')\n  t = Thread(target=inner)\n  t.start()\n  t.join()\n"
     "  mark('d')\nmark('a')\nt = Thread(target=outer)\nt.start()\nt.join()\nmark('e')"},
#ifndef Py_GIL_DISABLED /* there it goes on the thread that made it */
    {"what goes with its thread", "b<c",
     "class Last:\n  def __del__(self): mark('b')\nclass Mine(Thread):\n  def run(self): over.wait()\n"
     "over = Gate()\nt = Mine()\nt.last = Last()\nt.start()\n"
     "lock = getattr(t, '_tstate_lock', None)\nhandle = getattr(t, '_handle', None)\ndel t\nover.open()\n"
     "(lock.acquire(), lock.release()) if lock else handle.join()\nmark('c')"},
#endif
    {"arguments", "b<c d|e",
     "got = queue.SimpleQueue()\nover = Gate()\ndef body(*args, **kwargs):\n  mark('b')\n  got.put((args, kwargs))\n"
     "_thread.start_new(body, (1, 2), {'x': 3})\nassert got.get() == ((1, 2), {'x': 3})\nmark('c')\n"
     "def other(*args, **kwargs):\n  mark('d')\n  assert (args, kwargs) == ((), {'y': 1})\n  over.open()\n"
     "old_start(other, (), dict(y=1))\nover.wait()\nmark('e')"},
    {"names", "",
     "class Work:\n  def run(self): pass\n  def __getattr__(self, name): problems.append(name)\n"
     "class Sub(Thread):\n  def run(self): pass\ndef plain(*args): pass\n"
     "for t in Thread(target=plain), Thread(target=Work().run), Sub(), Thread(target=Sub): t.start(), t.join()\n"
     "l = Lock()\nl.acquire()\nstart = _thread.start_new_thread\n"
     "for f in plain, Work().run, lambda: l.release(): start(f, ())\nl.acquire()\n"
     "assert names() == ['plain', 'Work.run', 'Sub', 'Sub', 'plain', 'Work', '<lambda>'], names()"},
    {"each begins and ends once", "",
     "ts = [Thread(target=int) for i in range(20)]\nfor t in ts: t.start()\nfor t in ts: t.join()\n"
     "assert told() == dict(starting=20, begun=20, ended=20, not_begun=0, live=0), told()"},
    {"a start that fails", "",
     "ts = [Thread(target=print, args=('ran',)) for i in range(3)]\nbefore = threading.stack_size(1 << 47)\n"
     "try:\n  for start in [lambda: _thread.start_new_thread(print, ())] + [t.start for t in ts]:\n"
     "    try: start()\n    except RuntimeError as e: assert str(e) == \"can't start new thread\", e\n"
     "    else: assert 0\n"
     "finally: threading.stack_size(before)\n"
     "for wrong in (print,), (print, 1), (print, (), 2), (print, (), {}, 3):\n"
     "  try: _thread.start_new_thread(*wrong)\n  except TypeError: pass\n  else: assert 0\n"
     "assert told() == dict(starting=8, begun=0, ended=0, not_begun=8, live=0), told()"},
    {"gone", "",
     "class Mine(type(RLock())): pass\n"
     "for make in Lock, RLock, Mine, queue.SimpleQueue, getattr(_thread, '_ThreadHandle', Lock):\n"
     "  thing = make()\n  was = id(thing)\n  before = gone(was)\n  del thing\n  assert gone(was) == before + 1, "
     "make\n"},
    {"a lock where another was", "a|b",
     "def turn():\n  for i in range(50):\n    l = Lock()\n    with l: pass\n    del l\n"
     "after(lambda: (mark('a'), turn()), lambda: (turn(), mark('b')))\n"},
    {"started while nobody listened", "b<c",
     "begin, over = Gate(), Gate()\ndef body():\n  over.open()\n  begin.wait()\n  mark('b')\n"
     "listen(False)\nt = Thread(target=body)\nt.start()\nover.wait()\nlisten(True)\nbegin.open()\nt.join()\nmark('c')\n"
     "assert told() == dict(starting=0, begun=0, ended=0, not_begun=0, live=0), told()"},
    {"ended while nobody listened", "",
     "begin, over = Gate(), Gate()\ndef body():\n  over.open()\n  begin.wait()\n"
     "t = Thread(target=body)\nt.start()\nover.wait()\nlisten(False)\nbegin.open()\nt.join()\nlisten(True)\n"
     "assert told() == dict(starting=1, begun=1, ended=0, not_begun=0, live=1), told()"},
    {"begun while nobody listened", "",
     "begin, over = Gate(), Gate()\ndef body():\n  over.open()\n  begin.wait()\n"
     "t = Thread(target=body)\nlisten('once')\nt.start()\nover.wait()\nlisten(True)\nbegin.open()\nt.join()\n"
     "assert told() == dict(starting=1, begun=0, ended=0, not_begun=1, live=0), told()"},
};

#endif
