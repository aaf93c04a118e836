# SPDX-License-Identifier: GPL-2.0-or-later
"""A process, its child, and that one's child: all call the same functions."""

import os
import sys

total = 0


def add(count):
    global total
    total += count
    return total


def prepare():
    add(1)
    return add(2)


def serve(name):
    pid = os.fork()
    if not pid:
        add(10)
        print(f"child {os.getpid()} {name}: {total}", flush=True)
        return name
    os.waitpid(pid, 0)
    return None


prepare()
served = serve("first")
if served:
    add(20)
    serve("second")
    add(40)
sys.exit(3 if served else 0)
