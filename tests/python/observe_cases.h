/* Pairs of functions and whether they touch the same thing: each race with its no-race twin. */
#ifndef FF_TESTS_OBSERVE_CASES_H
#define FF_TESTS_OBSERVE_CASES_H

enum expected { APART, CONFLICT, UNKNOWN }; /* UNKNOWN: an access that cannot be told, which conflicts with anything */

struct observe_case {
  const char *name;
  enum expected expected;
  const char *code; /* defines root, a() and b() */
};

#define BOX "class Box: pass\nroot = Box()\n"

static const struct observe_case cases[] = {
    {"one attribute", CONFLICT, BOX "root.x = 1\ndef a(): root.x = 2\ndef b(): return root.x"},
    {"two attributes", APART, BOX "root.x = root.y = 1\ndef a(): root.x = 2\ndef b(): return root.y"},
    {"two reads of an attribute", APART, BOX "root.x = 1\ndef a(): return root.x\ndef b(): return root.x"},
    {"increments", CONFLICT, BOX "root.x = 1\ndef a(): root.x += 1\ndef b(): root.x += 1"},
    {"delete an attribute", CONFLICT, BOX "root.x = 1\ndef a(): del root.x\ndef b(): return hasattr(root, 'x')"},
    {"setattr", CONFLICT, BOX "root.x = 1\ndef a(): setattr(root, 'x', 3)\ndef b(): return getattr(root, 'x')"},
    {"setattr apart", APART,
     BOX "root.x = root.y = 1\ndef a(): setattr(root, 'x', 3)\ndef b(): return getattr(root, 'y')"},
    {"object.__setattr__", CONFLICT,
     BOX "root.x = 1\ndef a(): object.__setattr__(root, 'x', 3)\ndef b(): return root.x"},
    {"two objects", APART, BOX "root.p, root.q = Box(), Box()\ndef a(): root.p.x = 2\ndef b(): root.q.x = 3"},
    {"slots", CONFLICT,
     "class S: __slots__ = ('x', 'y')\nroot = S()\nroot.x = 1\ndef a(): root.x = 2\ndef b(): return root.x"},
    {"slots apart", APART,
     "class S: __slots__ = ('x', 'y')\nroot = S()\nroot.y = 1\ndef a(): root.x = 2\ndef b(): return root.y"},
    {"class attribute", CONFLICT, BOX "Box.n = 0\ndef a(): Box.n = 1\ndef b(): return root.n"},
    {"property", CONFLICT,
     "class P:\n  def __init__(self): self._x = 0\n  @property\n  def x(self): return self._x\n  @x.setter\n  def "
     "x(self, v): self._x = v\n"
     "root = P()\ndef a(): root.x = 2\ndef b(): return root.x"},
    {"instance __dict__", UNKNOWN,
     BOX "root.x = 1\ndef a(): root.__dict__.update(x=2)\ndef b(): return list(root.__dict__)"},
    {"instance __dict__ by key", CONFLICT, BOX "root.x = 1\ndef a(): root.__dict__['x'] = 2\ndef b(): return root.x"},
    {"instance __dict__ apart", APART,
     BOX "root.x = root.y = 1\ndef a(): root.__dict__['x'] = 2\ndef b(): return root.y"},

    {"one key", CONFLICT, "root = {'k': 1}\ndef a(): root['k'] = 2\ndef b(): return root['k']"},
    {"two keys", APART, "root = {'k': 1, 'l': 2}\ndef a(): root['k'] = 2\ndef b(): root['l'] = 3"},
    {"two keys incremented", APART, "root = {'k': 1, 'l': 2}\ndef a(): root['k'] += 2\ndef b(): root['l'] += 3"},
    {"equal keys of two types", CONFLICT, "root = {1: 1}\ndef a(): root[1.0] = 2\ndef b(): return root[True]"},
    {"tuple keys", CONFLICT, "root = {(1, 'a'): 1}\ndef a(): root[1, 'a'] = 2\ndef b(): return root[1, 'a']"},
    {"tuple keys apart", APART,
     "root = {(1, 'a'): 1, (2, 'a'): 1}\ndef a(): root[1, 'a'] = 2\ndef b(): return root[2, 'a']"},
    {"key with Python's equality", UNKNOWN,
     "class K:\n  def __eq__(self, other): return True\n  def __hash__(self): return 1\n"
     "root = {}\ndef a(): root[K()] = 2\ndef b(): return len(root)"},
    {"get", CONFLICT, "root = {'k': 1}\ndef a(): root['k'] = 2\ndef b(): return root.get('k')"},
    {"get apart", APART, "root = {'k': 1, 'l': 1}\ndef a(): root['k'] = 2\ndef b(): return root.get('l')"},
    {"get before insert", CONFLICT, "root = {}\ndef a(): root['k'] = 2\ndef b(): return root.get('k')"},
    {"in", CONFLICT, "root = {}\ndef a(): root['k'] = 2\ndef b(): return 'k' in root"},
    {"setdefault", CONFLICT,
     "root = {}\ndef a(): root.setdefault('k', []).append(1)\ndef b(): return root.setdefault('k', []).append(2)"},
    {"pop", CONFLICT, "root = {'k': 1}\ndef a(): root.pop('k', 0)\ndef b(): return root.get('k')"},
    {"delete", CONFLICT, "root = {'k': 1}\ndef a(): del root['k']\ndef b(): return len(root)"},
    {"iterate, store a key that is there", CONFLICT,
     "root = {'k': 1}\ndef a():\n  root['k'] = 2\ndef b(): return [v for v in root.values()]"},
    {"iterate over items", CONFLICT,
     "root = {'k': 1}\ndef a():\n  root['k'] = 2\ndef b():\n  for k, v in root.items(): pass"},
    {"iterate over keys, store a value", APART,
     "root = {'k': 1}\ndef a():\n  root['k'] = 2\ndef b(): return [k for k in root]"},
    {"iterate, insert", CONFLICT, "root = {'k': 1}\ndef a():\n  root['l'] = 2\ndef b(): return [k for k in root]"},
    {"two iterations", APART,
     "root = {'k': 1}\ndef a(): return [k for k in root.items()]\ndef b(): return list(root.items())"},
    {"list of items, store", CONFLICT,
     "root = {'k': 1}\ndef a():\n  root['k'] = 2\ndef b(): return list(root.items())"},
    {"list of items, clear", CONFLICT, "root = {'k': 1}\ndef a(): root.clear()\ndef b(): return list(root.items())"},
    {"copy, store", CONFLICT, "root = {'k': 1}\ndef a():\n  root['k'] = 2\ndef b(): return root.copy()"},
    {"dict(), store", CONFLICT, "root = {'k': 1}\ndef a():\n  root['k'] = 2\ndef b(): return dict(root)"},
    {"equality, store", CONFLICT, "root = {'k': 1}\ndef a():\n  root['k'] = 2\ndef b(): return root == {'k': 1}"},
    {"repr of what is within", CONFLICT, "root = {'k': [1]}\ndef a(): root['k'].append(2)\ndef b(): return repr(root)"},
    {"truth, insert", CONFLICT, "root = {}\ndef a(): root['k'] = 2\ndef b(): return 1 if root else 0"},
    {"truth, store", APART, "root = {'k': 1}\ndef a():\n  root['k'] = 2\ndef b(): return 1 if root else 0"},
    {"clear, read", CONFLICT, "root = {'k': 1}\ndef a(): root.clear()\ndef b(): return root.get('k')"},
    {"update, read", CONFLICT, "root = {'k': 1}\ndef a(): root.update({'k': 2})\ndef b(): return root.get('k')"},
    {"update with keywords", CONFLICT, "root = {'k': 1}\ndef a(): root.update(k=2)\ndef b(): return root.get('k')"},
    {"update apart", APART, "root = {'k': 1, 'l': 1}\ndef a(): root.update(k=2)\ndef b(): return root.get('l')"},
    {"|= on a dict", CONFLICT,
     "root = [{'k': 1}]\ndef a():\n  d = root[0]\n  d |= {'k': 2}\ndef b(): return root[0]['k']"},
    {"defaultdict, missing", CONFLICT,
     "import collections\nroot = collections.defaultdict(int)\ndef a(): return root['k']\ndef b(): return len(root)"},
    {"defaultdict, there", APART,
     "import collections\nroot = collections.defaultdict(int)\nroot['k'] = 1\ndef a(): return root['k']\ndef b(): "
     "return len(root)"},
    {"what a defaultdict made", CONFLICT,
     "import collections\nroot = collections.defaultdict(list)\ndef a(): root['k'].append(1)\ndef b(): return "
     "len(root['k'])"},
    {"Counter", CONFLICT,
     "import collections\nroot = collections.Counter()\ndef a(): root['k'] += 1\ndef b(): return root['k']"},
    {"Counter.update", UNKNOWN,
     "import collections\nroot = collections.Counter('aab')\ndef a(): root.update('ab')\ndef b(): return root['b']"},
    {"star star", CONFLICT,
     "root = {'k': 1}\ndef f(**kw): return kw\ndef a():\n  root['k'] = 2\ndef b(): return f(**root)"},

    {"append, len", CONFLICT, "root = []\ndef a(): root.append(1)\ndef b(): return len(root)"},
    {"index, len", APART, "root = [1]\ndef a(): return root[0]\ndef b(): return len(root)"},
    {"append, iterate", CONFLICT, "root = [1]\ndef a(): root.append(1)\ndef b(): return sum(x for x in root)"},
    {"append, spread", CONFLICT,
     "root = [1]\ndef f(*args): return args\ndef a(): root.append(1)\ndef b(): return f(*root)"},
    {"append, unpack", CONFLICT, "root = [1, 2]\ndef a(): root.append(1)\ndef b(): x, *y = root"},
    {"append, slice", CONFLICT, "root = [1, 2]\ndef a(): root[:] = []\ndef b(): return root[0:1]"},
    {"append, zip", CONFLICT, "root = [1]\ndef a(): root.append(1)\ndef b(): return [p for p in zip(root, root)]"},
    {"append, enumerate", CONFLICT,
     "root = [1]\ndef a(): root.append(1)\ndef b():\n  for i, x in enumerate(root): pass"},
    {"append, sorted", CONFLICT, "root = [1]\ndef a(): root.append(1)\ndef b(): return sorted(root)"},
    {"append, join", CONFLICT, "root = ['x']\ndef a(): root.append('y')\ndef b(): return ','.join(root)"},
    {"append, map", CONFLICT, "root = [1]\ndef a(): root.append(1)\ndef b(): return list(map(str, root))"},
    {"append, in", CONFLICT, "root = [1]\ndef a(): root.append(1)\ndef b(): return 5 in root"},
    {"append, truth", CONFLICT, "root = [1]\ndef a(): root.append(1)\ndef b(): return not root"},
    {"append, f-string", CONFLICT, "root = [1]\ndef a(): root.append(1)\ndef b(): return f'{root!r}'"},
    {"+=", CONFLICT, "root = [[1]]\ndef a():\n  l = root[0]\n  l += [2]\ndef b(): return len(root[0])"},
    {"append to another's list by its method", CONFLICT,
     "root = [1]\nput = root.append\ndef a(): put(1)\ndef b(): return len(root)"},
    {"deque", CONFLICT,
     "import collections\nroot = collections.deque()\ndef a(): root.append(1)\ndef b(): return len(root)"},
    {"set", CONFLICT, "root = set()\ndef a(): root.add(1)\ndef b(): return 1 in root"},
    {"extend by a generator", CONFLICT,
     "root = []\ndef a(): root.extend(i for i in range(3))\ndef b(): return len(root)"},
    {"sort with a key", CONFLICT, "root = [3, 1]\ndef a(): root.sort(key=lambda x: -x)\ndef b(): return root[0]"},
    {"local lists", APART,
     "root = [1]\ndef f():\n  l = []\n  for i in range(3): l.append(i)\n  return len(l)\ndef a(): return f()\ndef b(): "
     "return f()"},
    {"local dicts", APART,
     "root = [1]\ndef f():\n  d = {}\n  for i in range(3): d[i] = i\n  return list(d.items())\ndef a(): return "
     "f()\ndef b(): return f()"},
    {"new objects", APART,
     BOX "def f():\n  n = Box()\n  n.x = 1\n  return n.x\ndef a(): return f()\ndef b(): return f()"},
    {"published", CONFLICT,
     BOX "root.n = None\ndef a():\n  n = Box()\n  n.l = []\n  root.n = n\n  n.l.append(1)\ndef b(): return root.n "
         "and len(root.n.l)"},

    {"closure", CONFLICT,
     "def make():\n  n = 0\n  def a():\n    nonlocal n\n    n += 1\n  def b(): return n\n  return a, b\na, b = "
     "make()\nroot = [a, b]"},
    {"closures of two calls", APART,
     "def make():\n  n = 0\n  def a():\n    nonlocal n\n    n += 1\n  return a\na, b = make(), make()\nroot = [a, b]"},
    {"global", CONFLICT, "root = []\nn = 0\ndef a():\n  global n\n  n += 1\ndef b(): return n"},
    {"globals apart", APART, "root = []\nn = m = 0\ndef a():\n  global n\n  n += 1\ndef b():\n  global m\n  m += 1"},
    {"nested calls", CONFLICT,
     BOX "root.x = 0\ndef g(o): o.x += 1\ndef f(o): g(o)\ndef a(): f(root)\ndef b(): return root.x"},
    {"generator", CONFLICT,
     BOX "root.x = 0\ndef g():\n  for i in range(2):\n    root.x += 1\n    yield i\ndef a(): return list(g())\ndef "
         "b(): return root.x"},
    {"generators apart", APART,
     BOX "root.x = root.y = 0\ndef g(k):\n  for i in range(2): yield i\ndef a(): return list(g(1))\ndef b(): return "
         "list(g(2))"},
    {"yield from", CONFLICT,
     "root = [1, 2]\ndef g():\n  yield from root\ndef a(): return [x for x in g()]\ndef b(): root.append(1)"},
    {"comprehension", CONFLICT,
     "root = {'k': 1}\ndef a(): return {k: v for k, v in root.items()}\ndef b():\n  root['k'] = 2"},
    {"exceptions", CONFLICT,
     BOX "root.x = 0\ndef a():\n  try:\n    raise KeyError('k')\n  except KeyError as e:\n    root.x = 1\n  finally:\n "
         "   root.y = 2\ndef b(): return root.x"},
    {"with", CONFLICT,
     "class C:\n  n = 0\n  def __enter__(self): self.n += 1\n  def __exit__(self, *e): self.n -= 1\nroot = C()\n"
     "def a():\n  with root: pass\ndef b(): return root.n"},
    {"with that raises", CONFLICT,
     "class C:\n  n = 0\n  def __enter__(self): pass\n  def __exit__(self, *e):\n    self.n -= 1\n    return "
     "True\nroot = C()\n"
     "def a():\n  with root: raise ValueError\ndef b(): return root.n"},
    {"with a lock", APART,
     BOX "import _thread\nroot.l, root.x, root.y = _thread.allocate_lock(), 0, 0\ndef a():\n  with root.l: root.x = "
         "1\ndef b():\n  with root.l: root.y = 1"},
    {"super", CONFLICT,
     "class A:\n  def f(self): self.x = 1\nclass B(A):\n  def f(self): super().f()\nroot = B()\nroot.x = 0\ndef a(): "
     "root.f()\ndef b(): return root.x"},
    {"a call with keywords", CONFLICT,
     BOX "root.x = 0\ndef f(*, o): o.x = 1\ndef a(): f(o=root)\ndef b(): return root.x"},
    {"partial", CONFLICT,
     "import functools\nroot = []\np = functools.partial(root.append, 1)\ndef a(): p()\ndef b(): return len(root)"},
    {"lru_cache", UNKNOWN,
     "import functools\n@functools.lru_cache\ndef f(x): return x\nroot = []\ndef a(): return f(1)\ndef b(): return "
     "f(2)"},
    {"weak reference", UNKNOWN,
     BOX "import weakref\nw = weakref.ref(root)\ndef a(): return w() is root\ndef b(): return 1"},
    {"heapq", CONFLICT, "import heapq\nroot = [1]\ndef a(): heapq.heappush(root, 0)\ndef b(): return root[0]"},
    {"a C module's state", CONFLICT,
     "import os\nroot = []\ndef a(): return os.getcwd() and 1\ndef b(): return os.getcwd() and 1"},
    {"random", CONFLICT,
     "import _random\nroot = _random.Random(1)\ndef a(): return root.random() and 1\ndef b(): return root.random() and "
     "1"},
    {"dataclass", CONFLICT,
     "import dataclasses\n@dataclasses.dataclass\nclass D:\n  x: int = 0\nroot = D()\ndef a(): root.x = 1\ndef b(): "
     "return root == D(1)"},
    {"dict subclass", CONFLICT,
     "class D(dict):\n  def __setitem__(self, k, v): super().__setitem__(k, v)\nroot = D()\ndef a(): root['k'] = "
     "1\ndef b(): return root.get('k')"},
    {"queue", CONFLICT, "import queue\nroot = queue.SimpleQueue()\ndef a(): root.put(1)\ndef b(): return root.empty()"},
    {"memoryview", UNKNOWN, "root = bytearray(3)\nm = memoryview(root)\ndef a(): m[0] = 1\ndef b(): return root[0]"},
    {"mappingproxy", UNKNOWN,
     "import types\nroot = {'k': 1}\nm = types.MappingProxyType(root)\ndef a():\n  root['k'] = 2\ndef b(): return "
     "m['k']"},
    {"reversed", CONFLICT, "root = [1, 2]\ndef a(): root.append(3)\ndef b(): return reversed(root) and 1"},
    {"another class", UNKNOWN, BOX "class C: pass\ndef a(): root.__class__ = C\ndef b(): return 1"},
    {"enum keys", APART,
     "import enum\nclass E(enum.Enum): A = 1; B = 2\nroot = {E.A: 1, E.B: 2}\ndef a(): root[E.A] += 1\ndef b(): "
     "root[E.B] += 1"},
    {"shared generator", CONFLICT,
     "root = [(i for i in range(5))]\ndef a(): return next(root[0])\ndef b(): return next(root[0])"},
    {"object with a finaliser", CONFLICT,
     "class F:\n  def __del__(self): pass\nroot = F()\nroot.x = 1\ndef a(): root.x = 2\ndef b(): return root.x"},
    {"exception from a nested call", CONFLICT,
     BOX "root.x = 0\ndef g():\n  root.x = 1\n  raise OSError\ndef a():\n  try: g()\n  except OSError: pass\ndef b(): "
         "return root.x"},
    {"nothing", APART,
     "root = []\ndef f():\n  t = 0\n  for i in range(10): t += i * 2\n  return str(t) + f'{t:>5}'\ndef a(): return "
     "f()\ndef b(): return f()"},
};

#endif
