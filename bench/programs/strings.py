# SPDX-License-Identifier: GPL-2.0-or-later
"""Strings and regular expressions: strings.py COUNT"""
import re
import sys

LINE = re.compile(r"(\w+) GET /item/(\d+) (\d{3})")


def main(count):
    found = length = 0
    for i in range(count):
        line = " ".join((f"user{i}", "GET", "/item/" + str(i * 7), "200" if i % 3 else "404"))
        match = LINE.fullmatch(line)
        if match:
            if match[3] == "404":
                found += 1
            word = match[1][::-1].replace("r", "<r>")
            length += len(word.upper()) + line.index("item")
    print(found, length)


main(int(sys.argv[1]))
