# SPDX-License-Identifier: GPL-2.0-or-later
"""os.stat of each file of a tree, some times over: stats.py DIRECTORY DIRECTORIES FILES ROUNDS"""
import os
import sys


def main(top, directories, files, rounds):
    total, newest = 0, 0.0
    for _ in range(rounds):
        for directory in range(1, directories + 1):
            for file in range(1, files + 1):
                info = os.stat(f"{top}/{directory}/file-{file}.txt")
                total += info.st_size
                if info.st_mtime > newest:
                    newest = info.st_mtime
    print(total, newest)


main(sys.argv[1], *map(int, sys.argv[2:]))
