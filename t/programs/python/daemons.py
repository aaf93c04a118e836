# SPDX-License-Identifier: GPL-2.0-or-later
"""Daemon threads that sleep, or run, until the interpreter is at its end, which takes its time."""
import atexit
import sys
import threading
import time


def sleeps(n):
    while True:
        time.sleep(0.0005 * n)


def runs():
    x = 0
    while True:
        x += 1


class Slow:
    def __del__(self):
        end = time.time() + 0.01
        while time.time() < end:
            pass
        print('deleted')


@atexit.register
def late():
    time.sleep(0.01)
    print('atexit')


for n in (1, 2, 3):
    threading.Thread(target=sleeps, args=(n,), daemon=True).start()
threading.Thread(target=runs, daemon=True).start()
time.sleep(0.02)
sys.modules['slow'] = Slow()
print('end')
