# SPDX-License-Identifier: GPL-2.0-or-later
"""Integers, floats and lists: numbers.py COUNT"""
import sys
from math import sqrt


def main(count):
    state, total, bins = 1, 0.0, [0] * 97
    for i in range(count):
        state = (state * 69069 + 1) & 0xFFFFFFFF
        total += sqrt(state) / (i + 1.5)
        if state & 4:
            bins[state % 97] += 1
    print(f"{total:.6f} {state} {bins[42]}")


main(int(sys.argv[1]))
