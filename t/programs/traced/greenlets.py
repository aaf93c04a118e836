"""Chains of frames that are switched: nested, with generators, exceptions, callbacks from C, and ends of all kinds."""
import gc
from greenlet import getcurrent, greenlet, GreenletExit

main = getcurrent()


def worker(name, count):
    for i in range(count):
        got = main.switch(name, i)
        if got:
            name += got
    return name


def deep(depth, value):
    if depth:
        return deep(depth - 1, value) + 1
    value = main.switch(value)
    return value


def numbers(count):
    for i in range(count):
        main.switch('in a generator')
        yield i


def consumer():
    total = 0
    for number in numbers(3):
        total += number
    return total


def nested(depth):
    inner = greenlet(nested if depth else worker)
    if depth:
        result = inner.switch(depth - 1)
    else:
        result = inner.switch('n', 1)
    main.switch('nested', depth)
    return result


def fails():
    try:
        main.switch('before')
    except KeyError as error:
        main.switch('caught')
        raise ValueError('from it') from error


def cleans():
    try:
        while True:
            main.switch('waits')
    finally:
        left.append('cleaned')


def key(item):
    main.switch('key', item)
    return -item


def sorts():
    return sorted([1, 3, 2], key=key)


def delegates():
    result = yield from numbers(2)
    main.switch('delegated')
    return result


def ping(which):
    for _ in range(3):
        pair[not which].switch(not which)


class Own(greenlet):
    def run(self, *arguments):
        self.seen = arguments
        back = self.parent.switch('own')
        return back


left = []
greenlets = [greenlet(worker) for _ in range(2)]
for name, one in zip('ab', greenlets):
    print(one.switch(name, 2))
for _ in range(2):
    for one in greenlets:
        print(one.switch('!'))
print([one.dead for one in greenlets])

one = greenlet(deep)
print(one.switch(4, 'value'))
two = greenlet(deep)
print(two.switch(2, 'other'))
print(one.switch(10), two.switch(20))

one = greenlet(consumer)
print([one.switch() for _ in range(4)])

one = greenlet(nested)
print(one.switch(2))
while not one.dead:
    print(one.switch())

one = greenlet(fails)
one.switch()
print(one.throw(KeyError('thrown')))
try:
    one.switch()
except ValueError as error:
    print('main got', error)

one = greenlet(cleans)
one.switch()
one.throw(GreenletExit)
two = greenlet(cleans)
two.switch()
del two
gc.collect()
three = greenlet(cleans)
three.switch()
three.throw()
print(left)

one = greenlet(sorts)
print(one.switch())
while not one.dead:
    print(one.switch())

one = greenlet(lambda: list(delegates()))
while not one.dead:
    print(one.switch())

generator = numbers(2)
one = greenlet(lambda: next(generator))
two = greenlet(lambda: next(generator))
print(one.switch(), one.switch(), two.switch(), two.switch())

pair = [greenlet(ping), greenlet(ping)]
pair[0].switch(False)

one = Own()
print(one.switch(1, 2), one.switch('back'), one.seen)
never = greenlet(worker)
try:
    never.throw(RuntimeError('not begun'))
except RuntimeError as error:
    print(error)


def last():
    print('from another', main.switch('last'))
    main.throw(LookupError('into main'))


one = greenlet(last)
one.switch()
try:
    one.switch('x')
except LookupError as error:
    print(error)
