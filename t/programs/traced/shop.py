# SPDX-License-Identifier: GPL-2.0-or-later
import sys
class Shop:
    def __init__(self, name):
        self.name = name
        self.total = 0
    def add(self, price, count=1):
        cost = price * count
        self.total += cost
        return cost
def gen(n):
    for i in range(n):
        yield i * i
def main():
    shop = Shop('corner')
    items = {'apple': 3, 'pear': 4}
    for name, price in items.items():
        shop.add(price, 2)
    squares = [x for x in gen(4)]
    try:
        int('seven')
    except ValueError as error:
        text = str(error)
    print(shop.total, squares, text)
main()
