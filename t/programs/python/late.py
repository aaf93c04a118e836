# SPDX-License-Identifier: GPL-2.0-or-later
"""Threads that never have the interpreter's lock: they wait for it when the program ends, or ask for it after that."""
import _thread
import sys
import time


def compute(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(1000))


class Slow:
    def __del__(self):
        compute(0.3)


slow = Slow()
print("the end", flush=True)
sys.setswitchinterval(0.2)
for number in range(int(sys.argv[1])):
    _thread.start_new_thread(print, (number,))
if len(sys.argv) > 2:
    compute(0.02)
