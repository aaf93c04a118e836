# SPDX-License-Identifier: GPL-2.0-or-later
import sys, contextlib
def gen():
    try:
        while True:
            try:
                x = yield 1
                print('got', x)
            except KeyError as e:
                print('key', e)
                yield 'k'
    finally:
        print('closing')
def outer():
    r = yield from gen()
    return r
def ret():
    try:
        return 1
    finally:
        print('fin')
def ret2():
    for i in range(3):
        try:
            if i == 1: continue
            if i == 2: return i
        finally:
            i += 10
def ret3():
    try:
        raise ValueError(3)
    finally:
        return 7
g = outer()
next(g); g.send(5)
try:
    print(g.throw(KeyError('a')))
    next(g)
    g.throw(ValueError('b'))
except ValueError as e:
    print('ve', e)
g = gen(); next(g); g.close()
g = gen(); next(g); del g
g = outer(); next(g); g.close()
print(ret(), ret2(), ret3())
def sub():
    a = yield from range(3)
    b = yield from [1,2]
    return (a, b)
print(list(sub()))
def ex():
    yield 1
    raise RuntimeError('x')
try:
    for i in ex(): print(i)
except RuntimeError: pass
def never():
    yield 1
n = never(); n.close()
n = never()
try: n.throw(ValueError, 'early')
except ValueError: pass
print(sum(x for x in range(5) if x % 2), {a: b for a, b in [(1, 2)]}, {a for a in 'abc' if a > 'a'} == {'b','c'})
@contextlib.contextmanager
def cm(v):
    try:
        yield v
    except ZeroDivisionError:
        print('zd')
with cm(1) as c, cm(2):
    print(c)
    1/0
def multi():
    x = [
        1,
        2,
        max(
            3,
            4),
    ]
    assert x, 'y'
    if (x and
        len(x) > 2 and
        x[0]):
        pass
    while x:
        x.pop()
        if not x: break
    else:
        print('never')
    for i in range(2):
        pass
    else:
        print('done')
    return (x
            or 5)
multi()
def it():
    class I:
        def __init__(self): self.n = 0
        def __iter__(self): return self
        def __next__(self):
            self.n += 1
            if self.n > 2: raise StopIteration
            return self.n
    return [*I()] + list(map(lambda q: q, I())) + sorted(I(), key=lambda q: -q)
print(it())


class Sequence:
    def __getitem__(self, i):
        if i > 2:
            raise StopIteration
        return i


def stops(n=[]):
    n.append(0)
    if len(n) > 2:
        raise StopIteration
    return len(n)


def ends_that_are_caught():
    """By the iterator itself, not by the for statement."""
    for i in Sequence():
        print(i)
    for i in iter(stops, 5):
        print(i)
    for i in {1: 2}.items():
        print(i)


ends_that_are_caught()
