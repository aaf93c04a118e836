# SPDX-License-Identifier: GPL-2.0-or-later
"""Signals that come in the middle of an op, in functions in C that ask for them."""
import re
import signal
import sys

seen = []


def alarmed(number, frame):
    seen.append(frame.f_lineno)
    if len(seen) % 50 == 0:
        print("seen", len(seen), frame.f_lineno)


def interrupted(number, frame):
    raise TimeoutError(f"in line {frame.f_lineno}")


signal.signal(signal.SIGALRM, alarmed)
signal.setitimer(signal.ITIMER_REAL, 0.004, 0.004)
numbers = list(range(30000))
for _ in range(3):
    text = repr(numbers)
    shown = str([numbers] * 2)
    sys.stdout.write(f"{len(text)} {len(shown)}\n")
    sys.stdout.flush()
print(3**200000 % 1000003)
signal.setitimer(signal.ITIMER_REAL, 0)
print(len(seen), seen[:5], seen[-5:])

signal.signal(signal.SIGALRM, interrupted)
for slow in (lambda: repr([numbers] * 50), lambda: re.search("(a+)+b", "a" * 26)):
    signal.setitimer(signal.ITIMER_REAL, 0.03)
    try:
        slow()
        print("not interrupted")
    except TimeoutError as error:
        print(error)

signal.signal(signal.SIGALRM, signal.default_int_handler)  # in C: no op begins
signal.setitimer(signal.ITIMER_REAL, 0.03)
repr([numbers] * 50)
