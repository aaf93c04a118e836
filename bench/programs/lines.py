# SPDX-License-Identifier: GPL-2.0-or-later
"""A file line by line: lines.py FILE"""
import sys


def main(path):
    lines = letters = 0
    with open(path, encoding="utf-8") as file:
        for line in file:
            lines += 1
            letters += len(line)
    print(lines, letters)


main(sys.argv[1])
