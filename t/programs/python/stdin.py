# SPDX-License-Identifier: GPL-2.0-or-later
import sys

try:
    print('first', input('prompt> '))
    print('second', repr(sys.stdin.readline()), sys.stdin.isatty(), sys.stdin.encoding)
    print(len(sys.stdin.buffer.read(1000)), sum(1 for _ in sys.stdin), sys.stdin.read())
    input()
except EOFError as error:
    print(repr(error))
