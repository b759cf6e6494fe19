/* What statements touch. Each runs in a function of the code under test; what is looked for:
 *
 *   r, w            reads, writes
 *   o.x             an attribute
 *   d['a'], l[0]    an item
 *   d:size          size and order
 *   q:items         all items, where they have no names; `cell`: what a closure's variable holds
 *   g               a global: read, if it is `g`; written, in any case
 */
#ifndef FF_TESTS_PYTHON_LIFT_CASES_H
#define FF_TESTS_PYTHON_LIFT_CASES_H

static const char lift_setup_code[] = "from collections import OrderedDict, defaultdict, deque\n"
                                      "class C:\n"
                                      "  k = 1\n"
                                      "  def __init__(self): self.x = 1\n"
                                      "  def m(self): return 1\n"
                                      "  @property\n"
                                      "  def p(self): return self.x\n"
                                      "class D(C): pass\n"
                                      "class S:\n"
                                      "  __slots__ = ('x',)\n"
                                      "  def __init__(self): self.x = 1\n"
                                      "class F:\n"
                                      "  def __del__(self): pass\n"
                                      "class K:\n"
                                      "  def __eq__(self, other): return True\n"
                                      "  def __hash__(self): return 1\n"
                                      "o, e, n, fin, key = C(), D(), S(), F(), K()\n"
                                      "d, l, s, q = {'a': 1, 'b': 2}, [3, 1, 2], {1, 2}, deque([1, 2])\n"
                                      "dd, od, g = defaultdict(list, a=[]), OrderedDict(a=1, b=2), 0\n"
                                      "big = dict.fromkeys(range(2000))\n"
                                      "def make():\n"
                                      "  count = 0\n"
                                      "  def add():\n"
                                      "    nonlocal count\n"
                                      "    count = 1\n"
                                      "  def get(): return count\n"
                                      "  return add, get\n"
                                      "add, get = make()\n";

struct lift_case {
  const char *statement;
  const char *touches;
};

static const struct lift_case lift_cases[] = {
    /* attributes */
    {"o.x", "r o.x"},
    {"o.x = 1", "w o.x"},
    {"o.x += 1", "r o.x, w o.x"},
    {"del o.x", "w o.x"},
    {"getattr(o, 'x')", "r o.x"},
    {"hasattr(o, 'y')", "r o.y"},
    {"setattr(o, 'x', 2)", "w o.x"},
    {"delattr(o, 'x')", "w o.x"},
    {"o.m()", ""},
    {"o.p", "r o.x"},
    {"n.x", "r n.x"},
    {"n.x = 2", "w n.x"},
    {"o.k", "r C.k, r o.k"},
    {"e.k", "r C.k, r e.k"},
    {"C.k", "r C.k"},
    {"C.k = 2", "w C.k"},
    {"D.k", "r C.k"},
    {"D.k = 2", "w D.k"},
    {"fin.x = 1", ""},

    /* globals, closures, locals */
    {"g", "r g"},
    {"global g\n  g = 1", "w g"},
    {"global g\n  g += 1", "r g, w g"},
    {"global fresh\n  fresh = 1", "w globals:size, w fresh"},
    {"add()", "w cell"},
    {"get()", "r cell"},
    {"v = []\n  v.append(1)\n  v[0]\n  len(v)", ""},
    {"v = {}\n  v[1] = 2", ""},

    /* dicts */
    {"d['a']", "r d['a']"},
    {"d['a'] = 1", "w d['a']"},
    {"d['c'] = 1", "w d:size, w d['c']"},
    {"d['a'] += 1", "r d['a'], w d['a']"},
    {"del d['a']", "w d:size, w d['a']"},
    {"'c' in d", "r d['c']"},
    {"'c' not in d", "r d['c']"},
    {"d.get('a')", "r d['a']"},
    {"d.get('c', 1)", "r d['c']"},
    {"d.setdefault('a', 1)", "r d['a']"},
    {"d.setdefault('c', 1)", "w d:size, w d['c']"},
    {"d.pop('a')", "w d:size, w d['a']"},
    {"d.pop('c', None)", "r d['c']"},
    {"d.popitem()", "w d:size, w d['a'], w d['b']"},
    {"d.clear()", "w d:size, w d['a'], w d['b']"},
    {"d.update({'a': 1, 'c': 2})", "w d['a'], w d:size, w d['c']"},
    {"d.update(c=2)", "w d:size, w d['c']"},
    {"len(d)", "r d:size"},
    {"if d: pass", "r d:size"},
    {"list(d)", "r d:size, r d['a'], r d['b']"},
    {"list(d.keys())", "r d:size"},
    {"list(d.items())", "r d:size, r d['a'], r d['b']"},
    {"sorted(d.values())", "r d:size, r d['a'], r d['b']"},
    {"d.copy()", "r d:size, r d['a'], r d['b']"},
    {"for v in d: pass", "r d:size"},
    {"for v in d.items(): pass", "r d:size, r d['a'], r d['b']"},
    {"[v for v in d.values()]", "r d:size, r d['a'], r d['b']"},
    {"{**d}", "r d:size, r d['a'], r d['b']"},
    {"d[key] = 1", ""},
    {"big.copy()", "r big:size"},
    {"dd['a']", "r dd['a']"},
    {"dd['c']", "w dd:size, w dd['c']"},
    {"od['a'] = 2", "w od['a']"},
    {"od['c'] = 2", "w od:size, w od['c']"},
    {"od.move_to_end('a')", "w od:size, w od['a'], w od['b']"},

    /* lists */
    {"l[0]", "r l[0]"},
    {"l[-1]", "r l[2]"},
    {"l[0] = 1", "w l[0]"},
    {"l[0] += 1", "r l[0], w l[0]"},
    {"l[1:]", "r l:size, r l[0], r l[1], r l[2]"},
    {"l[1:] = [5]", "w l:size, w l[0], w l[1], w l[2]"},
    {"del l[0]", "w l:size, w l[0], w l[1], w l[2]"},
    {"l.append(1)", "w l:size, w l[3]"},
    {"l.extend([1, 2])", "w l:size, w l[3], w l[4]"},
    {"v = l\n  v += [1]", "w l:size, w l[3]"},
    {"l.extend(range(2))", "w l:size"},
    {"v = l\n  v *= 2", "w l:size, w l[0], w l[1], w l[2]"},
    {"l.pop()", "w l:size, w l[2]"},
    {"l.pop(0)", "w l:size, w l[0], w l[1], w l[2]"},
    {"l.insert(0, 1)", "w l:size, w l[0], w l[1], w l[2]"},
    {"l.sort()", "w l:size, w l[0], w l[1], w l[2]"},
    {"l.clear()", "w l:size, w l[0], w l[1], w l[2]"},
    {"l.index(1)", "r l:size, r l[0], r l[1], r l[2]"},
    {"1 in l", "r l:size, r l[0], r l[1], r l[2]"},
    {"len(l)", "r l:size"},
    {"sum(l)", "r l:size, r l[0], r l[1], r l[2]"},
    {"sorted(l)", "r l:size, r l[0], r l[1], r l[2]"},
    {"for v in l: pass", "r l:size, r l[0], r l[1], r l[2]"},
    {"[v for v in l]", "r l:size, r l[0], r l[1], r l[2]"},
    {"a, b, c = l", "r l:size, r l[0], r l[1], r l[2]"},

    /* sets */
    {"s.add(1)", "r s[1]"},
    {"s.add(3)", "w s:size, w s[3]"},
    {"s.discard(1)", "w s:size, w s[1]"},
    {"s.discard(3)", "r s[3]"},
    {"s.remove(1)", "w s:size, w s[1]"},
    {"1 in s", "r s[1]"},
    {"3 in s", "r s[3]"},
    {"s.clear()", "w s:size, w s[1], w s[2]"},
    {"s.update({1}, [3], {'a': 1})", "r s[1], w s:size, w s[3], w s['a']"},
    {"s.update(range(4))", "w s:size, w s[1], w s[2]"},
    {"s.difference_update((1, 3))", "r s[3], w s:size, w s[1]"},
    {"s.symmetric_difference_update({1, 3})", "w s:size, w s[1], w s[3]"},
    {"s.intersection_update({1})", "w s:size, w s[1], w s[2]"},
    {"v = s\n  v |= {3}", "w s:size, w s[3]"},
    {"v = s\n  v -= {1}", "w s:size, w s[1]"},
    {"v = s\n  v ^= {1}", "w s:size, w s[1]"},
    {"v = s\n  v &= {1}", "w s:size, w s[1], w s[2]"},
    {"len(s)", "r s:size"},
    {"for v in s: pass", "r s:size, r s[1], r s[2]"},
    {"sorted(s)", "r s:size, r s[1], r s[2]"},
    {"s | {3}", "r s:size, r s[1], r s[2]"},
    {"{v for v in s}", "r s:size, r s[1], r s[2]"},

    /* deques */
    {"q.append(1)", "w q:size, w q:items"},
    {"q.popleft()", "w q:size, w q:items"},
    {"q.extend([1])", "w q:size, w q:items"},
    {"v = q\n  v += [1]", "w q:size, w q:items"},
    {"q.count(1)", "r q:size, r q:items"},
    {"q[0]", "r q:items"},
    {"q[0] = 1", "w q:items"},
    {"len(q)", "r q:size"},
    {"1 in q", "r q:size, r q:items"},
    {"for v in q: pass", "r q:size, r q:items"},
    {"list(q)", "r q:size, r q:items"},
};

/* Of two threads, in this order, with nothing to order them: what is found. */
struct lift_pair {
  const char *first, *second;
  const char *found;
};

static const struct lift_pair lift_pairs[] = {
    {"d['a'] = 1", "d['b'] = 2", ""},
    {"d['a'] = 1", "d['a']", "d['a']"},
    {"d['c'] = 1", "d['a']", ""},
    {"d['c'] = 1", "len(d)", "d:size"},
    {"for v in d: pass", "d['c'] = 1", "d:size"},
    {"for v in d: pass", "d['a'] = 1", ""},
    {"l[0] = 1", "l[1] = 1", ""},
    {"l.append(4)", "l[0]", ""},
    {"l.append(4)", "l.append(5)", "l:size"},
    {"l.sort()", "l[0]", "l[0]"},
    {"s.add(3)", "3 in s", "s[3]"},
    {"s.update({3})", "3 in s", "s[3]"},
    {"s.add(3)", "1 in s", ""},
    {"q.append(1)", "q.popleft()", "q:size q:items"},
    {"o.x = 1", "o.x", "o.x"},
    {"o.x = 1", "o.y = 2", ""},
    {"o.x = 1", "e.x = 1", ""},
    {"o.x", "o.x", ""},
    {"C.k = 2", "o.k", "C.k"},
    {"global g\n  g = 1", "g", "g"},
    {"add()", "get()", "cell"},
    {"s.update({3})", "4 in s", ""},
    {"l.extend([4])", "l[3]", "l[3]"},
    {"d.setdefault('a', 1)", "d.setdefault('a', 2)", ""},
    {"d.setdefault('c', 1)", "d.setdefault('c', 2)", "d['c']"},
};

#endif
