# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions, methods and dicts: objects.py COUNT"""
import sys


class Counter:
    def __init__(self):
        self.seen = {}
        self.calls = 0

    def add(self, key, n):
        self.calls += 1
        self.seen[key] = self.seen.get(key, 0) + n
        return self.seen[key]


def collatz(n):
    return 3 * n + 1 if n % 2 else n // 2


def main(count):
    counter, n = Counter(), 27
    for i in range(1, count + 1):
        n = collatz(n)
        if n == 1:
            n = i + 1
        counter.add(f"key{n % 5000}", 1)
    print(counter.calls, len(counter.seen), min(counter.seen))


main(int(sys.argv[1]))
