/* Statements, each of which is run against each other: where the observer says that two touch nothing in common, their
 * order must not matter. */
#ifndef FF_TESTS_OBSERVE_PAIRS_H
#define FF_TESTS_OBSERVE_PAIRS_H

static const char pairs_setup[] =
    "import collections, functools, itertools, operator, heapq, bisect, copy\n"
    "class Box:\n"
    "  n = 0\n"
    "  def __init__(self): self.x = self.y = 0\n"
    "  def __repr__(self): return f'Box({self.x}, {self.y})'\n"
    "  def bump(self): self.x += 1; return self.x\n"
    "  @property\n"
    "  def both(self): return self.x + self.y\n"
    "class Call:\n"
    "  def __init__(self, f): self.f = f\n"
    "  def __repr__(self): return 'Call'\n"
    "  def __call__(self): return self.f()\n"
    "class Slots:\n"
    "  __slots__ = ('p', 'q')\n"
    "class Sub(dict):\n"
    "  def __getitem__(self, k): return super().__getitem__(k) + 1\n"
    "r = Box()\n"
    "d = {'k': 1, 'l': 2}; dd = collections.defaultdict(list); od = collections.OrderedDict(a=1, b=2)\n"
    "c = collections.Counter('aab'); l = [3, 1, 2]; s = {1, 2}; q = collections.deque([1, 2]); n = {'a': [1], 'b': "
    "{}}\n"
    "ba = bytearray(b'abc'); sl = Slots(); sl.p = sl.q = 0; sub = Sub(k=1); g = h = 0; it = iter([1, 2, 3])\n"
    "def closure():\n"
    "  v = 0\n"
    "  def up():\n"
    "    nonlocal v\n"
    "    v += 1\n"
    "    return v\n"
    "  def show(): return v\n"
    "  return up, show\n"
    "up, show = closure()\n"
    "def gen(o):\n"
    "  for v in o: yield v\n"
    "def state():\n"
    "  return repr((sorted(r.__dict__.items()), Box.n, d, dd, od, c, l, s, q, n, ba, sl.p, sl.q, dict(sub), g, h, "
    "show(),\n"
    "    list(copy.copy(it))))\n";

/* Runs before each pair, on the first one's thread: makes what both come to. */
static const char pairs_before[] =
    "n['new'] = [1]; r.o = Box(); dd['j']; n['deep'] = {'in': Box()}; n.setdefault('set', [1]); t = (Box(), [1]); "
    "n['t'] = t;"
    "n['f'] = Call(lambda: t); n['many'] = [[i] for i in range(3)]; n.update(up=[1], **{'star': [1]})";

static const char *const pairs[] = {
    "n['new'].append(2)",
    "v = len(n['new'])",
    "r.o.x += 1",
    "v = r.o.x",
    "dd['j'].append(1)",
    "v = dd['j']",
    "n['deep']['in'].y = 3",
    "v = n['deep']['in'].y",
    "n['set'].append(4)",
    "v = n['set']",
    "n['t'][1].append(2)",
    "v = n['f']()[1]",
    "n['many'][1].append(0)",
    "v = n['many'][1][0]",
    "n['up'].append(1)",
    "v = n['up']",
    "n['star'].append(1)",
    "v = n['star']",
    "n['f']()[0].x = 1",
    "v = n['t'][0].x",

    "r.x = 1",
    "r.x += 1",
    "v = r.x",
    "r.y = 5",
    "v = r.both",
    "v = r.bump()",
    "setattr(r, 'y', 7)",
    "v = getattr(r, 'x')",
    "v = r.__dict__['x']",
    "r.__dict__['y'] = 9",
    "v = sorted(vars(r).items())",
    "r.z = 1",
    "v = hasattr(r, 'z')",
    "Box.n += 1",
    "v = r.n",
    "v = Box.n",
    "r.n = 4",
    "sl.p = 1",
    "v = sl.p",
    "v = sl.q",
    "sl.q += 1",
    "d['k'] = 5",
    "d['l'] += 1",
    "d['m'] = 1",
    "v = d['k']",
    "v = d.get('m')",
    "v = 'm' in d",
    "v = len(d)",
    "v = list(d)",
    "v = list(d.items())",
    "v = list(d.values())",
    "v = [x for x in d.values()]",
    "v = sum(x for x in d.values())",
    "v = {k: x for k, x in d.items()}",
    "v = d.pop('k', None)",
    "v = d.popitem()",
    "d.clear()",
    "d.update(k=8)",
    "d.update({'m': 1})",
    "d.update([('l', 4)])",
    "d |= {'k': 9}",
    "v = d | {'z': 1}",
    "v = d.copy()",
    "v = dict(d)",
    "v = dict(**d)",
    "v = d == {'k': 1, 'l': 2}",
    "v = bool(d)",
    "v = not d",
    "v = sorted(d)",
    "v = max(d.values())",
    "v = d.setdefault('m', 3)",
    "del d['l']",
    "v = str(d)",
    "v = f'{d}'",
    "v = '%s' % (d,)",
    "v = [*d]",
    "v = next(iter(d))",
    "v = list(zip(d, l))",
    "v = list(map(d.get, ['k', 'l']))",
    "v = functools.reduce(operator.add, d.values(), 0)",
    "v = list(reversed(d))",
    "v = d.keys() - {'k'}",
    "v = list(filter(None, d.values()))",
    "v = operator.itemgetter('k')(d)",
    "operator.setitem(d, 'k', 6)",
    "v = any(x > 4 for x in d.values())",
    "v = tuple(d.items())",
    "for k in d: v = d[k]",
    "dd['k'].append(1)",
    "v = dd['k']",
    "v = len(dd)",
    "v = dd.get('k')",
    "v = dd['j'] == []",
    "dd['k'] = [2]",
    "od['a'] = 4",
    "od.move_to_end('a')",
    "v = list(od)",
    "v = od.popitem()",
    "v = od['a']",
    "od['c'] = 1",
    "c['a'] += 1",
    "v = c['z']",
    "c.update('ab')",
    "v = c.most_common(1)",
    "v = c['b']",
    "v = sum(c.values())",
    "l.append(4)",
    "v = l[0]",
    "l[0] = 9",
    "v = len(l)",
    "v = l.pop()",
    "l.sort()",
    "l.sort(key=lambda x: -x)",
    "v = sorted(l)",
    "l.extend(d)",
    "l.extend(x for x in q)",
    "l += [7]",
    "v = l + [1]",
    "v = l[1:]",
    "l[1:] = [5]",
    "del l[0]",
    "v = 4 in l",
    "v = sum(l)",
    "v, *w = l",
    "v = list(enumerate(l))",
    "v = max(l)",
    "l.reverse()",
    "v = list(reversed(l))",
    "v = tuple(l)",
    "heapq.heapify(l)",
    "bisect.insort(l, 2)",
    "v = ','.join(map(str, l))",
    "v = list(gen(l))",
    "v = l == [3, 1, 2]",
    "v = [x for x in l if x]",
    "v = list(itertools.chain(l, q))",
    "v = list(itertools.islice(l, 2))",
    "v = l * 2",
    "v = functools.partial(l.append, 5)()",
    "f = l.append; f(6)",
    "v = l and 1",
    "v = [i for i, x in enumerate(l)]",
    "s.add(3)",
    "v = 3 in s",
    "v = len(s)",
    "s |= {9}",
    "v = s | {4}",
    "s.discard(1)",
    "v = sorted(s)",
    "v = {1} <= s",
    "q.append(3)",
    "v = q.popleft()",
    "v = len(q)",
    "v = list(q)",
    "q.rotate(1)",
    "v = q[0]",
    "q[0] = 7",
    "v = repr(q)",
    "n['a'].append(2)",
    "v = repr(n)",
    "n['b']['z'] = 1",
    "v = n == {'a': [1], 'b': {}}",
    "v = copy.deepcopy(n)",
    "v = n['b'].get('z')",
    "n['a'], n['b'] = n['b'], n['a']",
    "v = copy.copy(n)",
    "ba[0] = 65",
    "v = bytes(ba)",
    "ba.extend(b'z')",
    "v = ba[1]",
    "sub['k'] = 4",
    "v = sub['k']",
    "v = sub.get('k')",
    "globals()['g'] = 3",
    "v = g",
    "exec('global h; h += 1')",
    "v = h",
    "v = up()",
    "v = show()",
    "v = next(it)",
    "v = list(it)",
    "v = [x for x in range(3)]",
    "w = {}; w['q'] = 1; v = w",
    "v = Box().bump()",
    "try: d['none']\n  except KeyError: v = 1",
    "try: l.index(77)\n  except ValueError: v = 2",
    "with_ = [x for x in (1, 2)]; v = with_",
    "v = isinstance(r, Box)",
    "v = (lambda o: o.x)(r)",
    "match d:\n    case {'k': w}: v = w",
    "match l:\n    case [w, *_]: v = w",
    "v = {**d, 'z': 1}",
    "v = print",
    "v = [a + b for a, b in zip(l, q)]",
    "r.x, r.y = r.y, r.x",
    "d['k'], d['l'] = d['l'], d['k']",
    "v = d.__len__()",
    "d.__setitem__('k', 3)",
    "v = dict.get(d, 'k')",
    "dict.update(d, l=7)",
    "list.append(l, 8)",
    "v = list.__len__(l)",
    "object.__setattr__(r, 'x', 8)",
    "v = object.__getattribute__(r, 'x')",
    "v = type(r)",
    "del r.y",
};

#endif
