# SPDX-License-Identifier: GPL-2.0-or-later
import functools, enum, dataclasses, abc
class S:
    __slots__ = ('a', 'b')
    def __init__(self, a):
        self.a = a
    @property
    def p(self): return self.a + 1
    @p.setter
    def p(self, v): self.b = v
    def __getattr__(self, n):
        if n == 'zz': raise AttributeError(n)
        return n
    def __call__(self, *a, k=1, **kw): return a, k, kw
    def __enter__(self): return self
    def __exit__(self, *a): return True
    def __eq__(self, o): return self.a == o.a
    def __hash__(self): return hash(self.a)
    def __lt__(self, o): return self.a < o.a
    def __add__(self, o): return S(self.a + o.a)
    def __getitem__(self, i):
        if i > 2: raise IndexError
        return i
    def __contains__(self, x): return x == 1
    def __len__(self): return 0
    def __del__(self): pass
    def __iter__(self): return iter([1])
del S.__del__
class M(type):
    def __new__(m, n, b, d, **k):
        return super().__new__(m, n, b, d)
    def __call__(c, *a): return super().__call__(*a)
class B(metaclass=M, x=1):
    z: int = 3
    def __init_subclass__(cls): print('sub', cls.__name__)
    def m(self): return __class__
class C(B):
    def m(self): return super().m()
@dataclasses.dataclass(order=True)
class D:
    x: int
    y: list = dataclasses.field(default_factory=list)
class E(enum.Enum):
    A = 1
    B = enum.auto()
    def f(self): return self.value
def closures():
    n = 0
    def inc(k=2):
        nonlocal n
        n += k
        def deeper():
            return n + k
        return deeper
    fs = [inc() for _ in range(3)]
    return [f() for f in fs]
def deco(f):
    @functools.wraps(f)
    def wr(*a, **k):
        try: return f(*a, **k)
        finally: print('wr')
    return wr
@deco
@functools.lru_cache(None)
def fib(n): return n if n < 2 else fib(n-1) + fib(n-2)
s = S(1); s.p = 4
print(s.p, s.b, s.q, s(1, k=2, z=3), s == S(1), sorted([S(3), S(1)])[0].a, (s+s).a, 1 in s, bool(s), list(s), {S(1): 2}[s])
with s: raise ValueError
print([x for x, *y in [(1,2,3)]], C().m().__name__, D(1) < D(2), D(3), E.B.f(), closures(), fib(6))
try: s.zz
except AttributeError as e: print(e)
match {'a': [1, 2, S(2)]}:
    case {'b': _}: print('b')
    case {'a': [x, *rest]} if x > 3: print(1)
    case {'a': [1, y, S(a=q)]}: print(y, q)
def kw(a, /, b, *c, d=4, **e): return locals()
print(kw(1, 2, 3, d=5, f=6))
try:
    try: raise ValueError('a')
    except ValueError as e: raise KeyError('b') from e
except KeyError as e: print(repr(e.__cause__))
try:
    raise ExceptionGroup('g', [ValueError(1), TypeError(2)])
except* ValueError as g: print(g.exceptions)
except* TypeError as g: print(g.exceptions)
def recur(n):
    if n > 50: raise RecursionError('deep')
    return recur(n + 1)
import sys
sys.setrecursionlimit(8000)
try: recur(0)
except RecursionError as e: print('rec')
exec("x = 1\nfor i in range(2):\n  x += i\nprint(x)")
print(eval("[i*i for i in range(3)]"))
x = 5
del x
global_lambda = lambda a, b=2: (a,
   b)
print(global_lambda(1))
def un(): 
    try: print(undef)
    except NameError: return
un()
print(functools.reduce(lambda a, b: a + b, [1,2,3]), list(filter(lambda v: v, [0,1])), max([1,3], key=lambda v: -v))
