# SPDX-License-Identifier: GPL-2.0-or-later
"""Lookups in a dict whose keys are types, hashed by their address: lookups.py COUNT"""
import sys


def main(count):
    classes = [int, str, float, list, dict, set, bytes] + [type(f"T{i}", (), {}) for i in range(93)]
    names = {a_class: a_class.__name__ for a_class in classes}
    letters = 0
    for i in range(count):
        letters += len(names[classes[i % 100]])
    print(letters, len(names))


main(int(sys.argv[1]))
