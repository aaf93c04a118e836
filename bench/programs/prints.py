# SPDX-License-Identifier: GPL-2.0-or-later
"""A line that is reached so many times: the benchmark prints into it."""
import sys


def main(count):
    user, total, seen = 'ada', 0, {'ada': 0}
    for i in range(count):
        seen[user] += 1
        total += i % 7
    print(total, seen['ada'])


main(int(sys.argv[1]))
