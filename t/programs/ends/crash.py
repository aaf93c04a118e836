# SPDX-License-Identifier: GPL-2.0-or-later
import json


class Till:
    def __init__(self):
        self.sum = 0

    def add(self, price):
        self.sum += price
        if price > 3:
            check(self, price)


def check(till, price):
    limit = 10 - price
    try:
        if till.sum > limit:
            raise ValueError(f"too much: {till.sum}")
    finally:
        limit = 0


def main():
    till = Till()
    try:
        int("x")
    except ValueError:
        pass
    for price in 1, 2, 3, 4, 5:
        till.add(price)


print(json.dumps([1, 2]))
main()
