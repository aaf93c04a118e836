# SPDX-License-Identifier: GPL-2.0-or-later
"""An empty trace function; as a program it runs another one under it: trace.py PROGRAM [ARG]..."""
import sys


def trace(frame, event, argument):
    return trace


if __name__ == '__main__':
    del sys.argv[0]
    with open(sys.argv[0]) as file:
        code = compile(file.read(), sys.argv[0], 'exec')
    sys.settrace(trace)
    exec(code, {'__name__': '__main__'})
