# SPDX-License-Identifier: GPL-2.0-or-later
import collections
count = 0
class Box:
    shared = 'first'
    def __init__(self, size):
        self.size = size
    def grow(self, by):
        self.size += by
        return self.size
    @property
    def area(self):
        return self.size * self.size
def fill(table, name):
    table[name] = len(name)
    return name
def tick():
    global count
    count += 1
    return count
def noise(n):
    total = 0
    for i in range(n):
        total += i
    return total
def numbers(limit):
    last = 0
    while last < limit:
        last += 1
        yield last
def main():
    values = [1, 2, 3]
    table = {}
    box = Box(2)
    x = 10
    y = x
    x = noise(30)
    fill(table, 'pear')
    values[2] = tick()
    tallies = collections.Counter()
    tallies['a'] += 1
    box.grow(3)
    noise(30)
    Box.shared = 'second'
    many = numbers(3)
    first = next(many)
    def inner():
        nonlocal y
        y = 7
    noise(2)
    inner()
    noise(30)
    tick()
    noise(30)
    print(x, y, values, table, box.area, first, tallies)
main()
