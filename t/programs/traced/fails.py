# SPDX-License-Identifier: GPL-2.0-or-later
import random
import sys


class Item:
    def __init__(self, number):
        self.number = number

    def __repr__(self):
        return f"Item#{self.number}"

    @property
    def double(self):
        return self.number * 2


def risky(items):
    try:
        for item in items:
            print("item", item.number, random.random() < 2)
            if item.number == 2:
                raise ValueError("two")
    finally:
        print("done")


items = [Item(n) for n in range(4)]
seen = {}
try:
    if len(sys.argv) == 1:
        risky(items)
finally:
    last = items[-1]
print({str(key) for key in range(20)}, id(last) > 0)
sys.exit(3)
