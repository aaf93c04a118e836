# SPDX-License-Identifier: GPL-2.0-or-later
"""Data races: what comes out depends on where the interpreter switched threads."""
import sys
import threading

sys.setswitchinterval(0.0005)
cell = [0]
seen = []
together = threading.Barrier(4)


def more(value):
    return value + 1  # threads may switch where a function begins


def race(number):
    together.wait()
    for step in range(30000):
        value = cell[0]
        cell[0] = more(value)
        if step % 3000 == 0:
            seen.append((number, value))
    together.wait()


threads = [threading.Thread(target=race, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(cell, 'of 120000')
print(seen)
