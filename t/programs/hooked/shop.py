"""What hooks are told of (t/0930-hooks.t)."""
import sys


class Shop:
    def __init__(self, **items):
        self.items = items
        self.total = 0

    def add(self, name, n=1):
        price = self.items[name]
        self.total += price * n
        return price * n


def numbers(n):
    for i in range(n):
        yield i


def fails():
    raise ValueError('enough', 3)


def passes():
    fails()


def never():
    return 1


def main():
    shop = Shop(tea=3, milk=1)
    shop.add('tea', 2)
    try:
        shop.add('coffee')
    except KeyError as error:
        print('error', error)
    print(sum(numbers(2)), sorted([3, 1], key=lambda x: -x))
    try:
        passes()
    except ValueError as error:
        print(error)
    with open('input') as file:
        print(file.readline())
    sys.exit(3)


main()
