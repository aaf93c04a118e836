# SPDX-License-Identifier: GPL-2.0-or-later
import contextlib
import dataclasses
import decimal
import enum
import fractions
import functools
import itertools
import math
import operator
import re
import statistics
import string
import textwrap

@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: float = 0.5

class Colour(enum.Flag):
    RED = enum.auto()
    BLUE = enum.auto()

def generate():
    try:
        got = yield 1
        print('got', got)
        yield from range(3)
    finally:
        print('closed')

@contextlib.contextmanager
def manager():
    print('in')
    try:
        yield 'thing'
    except ZeroDivisionError as error:
        print('caught', error)

@functools.lru_cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

generator = generate()
print(next(generator), generator.send('x'), generator.close(), Point(1), Colour.RED | Colour.BLUE)
with manager() as thing:
    print(thing, 1 / 0)
match {'kind': 'point', 'at': [1, 2]}:
    case {'kind': 'point', 'at': [x, y]} if x < y:
        print('matched', x, y)
print(fibonacci(80), fibonacci.cache_info(), decimal.Decimal(1) / 7, fractions.Fraction(3, 9))
print(re.sub(r'(\w+) (\w+)', lambda m: m[2] + m[1], 'one two three four'), math.factorial(30))
print(list(itertools.permutations('abc', 2)), functools.reduce(operator.mul, range(1, 10)))
print(f'{3.14159:.2f} {255:#x} {"text":>10} {1234567:,}', textwrap.wrap('a b c ' * 10, 20))
print(statistics.stdev([1, 2, 4, 8]), string.Template('$a').substitute(a=1), 2 ** 200, 7 // -2, -7 % 3)
try:
    raise ExceptionGroup('group', [ValueError(1), TypeError('two')])
except* ValueError as group:
    print(group.exceptions)
except* TypeError as group:
    print(group.exceptions)

class Meta(type):
    def __new__(cls, name, bases, space):
        print('making', name, list(space))
        return super().__new__(cls, name, bases, space)

class Made(metaclass=Meta):
    def __getattr__(self, name):
        return name * 2

    def __class_getitem__(cls, item):
        return item

print(Made().ab, Made[3], exec('z = 5', space := {}), space['z'], eval('1 + 1'))
total = 0
for i in range(200000):
    total += i * i % 7
print(total, sorted({'b': 1, 'a': 2}.items()), [x for x in 'abc' for _ in range(2)])
