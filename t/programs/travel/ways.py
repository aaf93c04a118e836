#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every way by which control comes from one line to another, thousands of lines of it."""
import asyncio
import contextlib
import functools
import os
import queue
import signal
import sys
import threading

level = 0
trail = []
count = {}
table = {'a': 0, 'b': {'c': [0, 0]}}
last = None
total = 0


def note(what):
    count[what] = count.get(what, 0) + 1
    trail.append(what)
    if len(trail) > 6:
        del trail[0]


# ---- what is called without a call --------------------------------------------------------------

class Tally:
    """A descriptor."""

    def __get__(self, instance, owner):
        note('read')
        return instance.__dict__.get('tally', 0)

    def __set__(self, instance, value):
        note('stored')
        instance.__dict__['tally'] = value


class Sum:
    tally = Tally()

    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        result = Sum(self.n + (other.n if isinstance(other, Sum) else other))
        return result

    def __lt__(self, other):
        note('compared')
        return self.n < other.n

    def __repr__(self):
        return f'Sum({self.n})'

    def __getattr__(self, name):
        note('missing')
        return len(name)

    @property
    def double(self):
        twice = self.n * 2
        return twice


class Guard:
    ended = 0

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        note('enter')
        return self

    def __exit__(self, kind, value, traceback):
        note('exit')
        return kind is KeyError

    def __del__(self):
        Guard.ended += 1
        note('end ' + self.name[:1])


# ---- handlers -------------------------------------------------------------------------------------

def alarmed(number, frame):
    global total
    before = count.get('alarm', 0)
    count['alarm'] = before + 1
    total += 1


def told(number, frame):
    note('told')
    table['b']['c'][0] += 1


class Left(Exception):
    pass


def leaving(number, frame):
    note('leaving')
    raise Left(number)


# ---- the ways -------------------------------------------------------------------------------------

def fail(depth, what):
    guard = Guard('fail')
    try:
        if depth:
            fail(depth - 1, what)
        raise what
    finally:
        guard.name = 'failed'
        note('finally')


def exceptions(i):
    try:
        fail(i % 3, ValueError(i) if i % 2 else KeyError(i))
    except ValueError as error:
        note('value')
        try:
            raise RuntimeError(i) from error
        except RuntimeError as other:
            note(repr(other.__cause__)[:5])
    except KeyError:
        note('key')
    else:
        note('never')
    for n in range(3):
        try:
            if n == 1:
                continue
            if n == 2:
                break
        finally:
            note('loop')
    with Guard('with'):
        {}[i]
    with contextlib.suppress(ZeroDivisionError):
        i // (i % 2)
    try:
        raise ExceptionGroup('both', [ValueError(1), TypeError(2)])
    except* ValueError as group:
        note('group')
    except* TypeError:
        note('types')
    return returns(i)


def returns(i):
    try:
        return i
    finally:
        note('returned')


def texts(i):
    x = i
    scope = {'x': x, 'note': note}
    exec('y = x + 1\nfor z in range(2):\n    y += z\nnote("executed")', scope)
    try:
        exec('def inner():\n    raise ValueError("text")\ninner()', scope)
    except ValueError:
        note('failed')
    try:
        eval('1 +')
    except SyntaxError:
        note('syntax')
    return eval('sum(n * x for n in range(3)) + y', scope)


def squares(limit):
    n = 0
    try:
        while n < limit:
            got = yield n * n
            n += got if got else 1
    finally:
        note('generator')


def chain(limit):
    first = yield from squares(limit)
    yield first


def generators(i):
    found = list(chain(4))
    sending = squares(9)
    next(sending)
    found.append(sending.send(2))
    sending.close()
    throwing = squares(3)
    next(throwing)
    try:
        throwing.throw(KeyError('thrown'))
    except KeyError:
        note('thrown')
    left = squares(5)
    next(left)
    del left
    return sum(n or 0 for n in found)


async def ticks(limit):
    for n in range(limit):
        await asyncio.sleep(0)
        yield n


@contextlib.asynccontextmanager
async def held(name):
    note('held')
    try:
        yield name
    finally:
        await asyncio.sleep(0)
        note('free')


async def worker(name, limit):
    seen = 0
    async with held(name):
        async for n in ticks(limit):
            seen += n
    return seen


async def both(i):
    results = await asyncio.gather(worker('one', 3), worker('two', 2))
    task = asyncio.ensure_future(worker('three', 50))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        note('cancelled')
    return sum(results)


def coroutines(i):
    return asyncio.run(both(i))


def counter(n):
    step = 2

    def up():
        nonlocal n
        n += step
        return n

    def down():
        nonlocal step
        step += 1
        return n - step
    return up, down


def closures(i):
    up, down = counter(i)
    up()
    up()
    functions = [lambda add, n=n: n + add for n in range(2)]
    held_value = functions[1](down())
    return held_value + up()


@functools.lru_cache(maxsize=2)
def cached(n):
    note('cached')
    return n + 1


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def recursion(i):
    found = fib(i % 4 + 2)
    table['b']['c'][1] = found
    return found + cached(i % 3)


def magic(i):
    one = Sum(i)
    one.tally = i
    one.tally += 2
    table['a'] = one.tally
    two = one + Sum(1) + 3
    ordered = sorted([two, one, Sum(2)], reverse=True)
    return two.double + two.anything + ordered[0].n


def comprehensions(i):
    pairs = {n: n * i for n in range(4)}
    nested = [[x + y for x in range(2)] for y in range(2)]
    odd = {n for n in pairs.values() if n % 2}
    return sum(pairs.values()) + len(odd) + nested[1][1]


def classes(i):
    class Base:
        kind = 'base'

        def __init_subclass__(cls, **named):
            note('subclass')
            super().__init_subclass__()

    class Derived(Base):
        kind = 'derived'
        number = i
        doubled = [n * 2 for n in range(number)]

        def own(self):
            return self.number + len(self.doubled)
    made = Derived()
    made.size = i
    made.size += made.own()
    return made.size


def deleted(i):
    guards = [Guard(f'g{n}') for n in range(3)]
    del guards[0]
    guards[0] = None
    ring = Guard('ring')
    ring.own = ring
    del ring
    return len(guards)


def serve(inbox, outbox):
    served = 0
    while (item := inbox.get()) is not None:
        served += item
        if item == 3:
            try:
                raise ValueError(item)
            except ValueError:
                served += 1
        outbox.append(served)
    return served


def threads(i):
    inbox, outbox = queue.SimpleQueue(), []
    lock, sums = threading.Lock(), [0]

    def add(limit):
        for n in range(limit):
            with lock:
                sums[0] += n
    running = [threading.Thread(target=serve, args=(inbox, outbox)), threading.Thread(target=add, args=(4,)),
               threading.Thread(target=add, args=(5,))]
    for thread in running:
        thread.start()
    for n in range(4):
        inbox.put(n)
    inbox.put(None)
    for thread in running:
        thread.join()
    return sums[0] + outbox[-1]


def signals(i):
    os.kill(os.getpid(), signal.SIGUSR1)
    try:
        os.kill(os.getpid(), signal.SIGUSR2)
        note('before')
    except Left:
        note('left')


signal.signal(signal.SIGALRM, alarmed)
signal.signal(signal.SIGUSR1, told)
signal.signal(signal.SIGUSR2, leaving)


# ---- all of them, again and again -------------------------------------------------------------------

def main(rounds):
    global last, level
    signal.setitimer(signal.ITIMER_REAL, .004, .004)
    for i in range(1, rounds + 1):
        level = i
        got = exceptions(i) + texts(i) + generators(i)
        got += closures(i) + recursion(i) + magic(i) + comprehensions(i)
        got += classes(i) + deleted(i)
        signals(i)
        if i % 2 == 0:
            got += coroutines(i)
        if i % 3 == 0:
            got += threads(i)
        last = {'i': i, 'got': got}
        print(i, got, Guard.ended, flush=i % 2 == 0)
        if i % 3 == 0:
            print('at', i, file=sys.stderr)
    signal.setitimer(signal.ITIMER_REAL, 0)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
