# SPDX-License-Identifier: GPL-2.0-or-later
# A program for t/0920-print.t: what it prints into stands at lines that the test names.
import sys


class Item:
    rate = 3

    def __init__(self, price):
        self.price = price

    @property
    def twice(self):
        return self.price * 2


class Shop:
    def __init__(self, name):
        self.name = name
        self.stock = {'tea': [3, 1.25, None], 7: (True, b"q'")}

    def total(self, user, count):
        total = count * 2
        self.last = user
        return total


def numbers(count):
    for number in range(count):
        yield number


def main():
    shop, item, big, name = Shop('corner'), Item(5), 2**100, 'Zoë'
    some, none, negative = {1}, frozenset(), -17
    floats = 1e16, 1e-05, 0.1 + 0.2, 123456789.125, 5e-324, 0.0001, 1e22, 100.0, -0.0, float('inf')
    texts = 'it\'s', "\"'", 'tab\t\n\\', '\x7f\xa0é', ''
    for user in ['ada', 'brian', 'grace']:
        total = shop.total(user, len(user))
        print(user, total)

    def inner():
        held = shop
        return held.name

    inner()
    print(sum(numbers(3)), file=sys.stderr)
    return 3


sys.exit(main())
