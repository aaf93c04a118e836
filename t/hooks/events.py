# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the events of program.py into the file `events`: natively and in a replay they must be
the same.

Run as a program it is the native side: events.py trace|profile program.py
"""
import os
import re
import sys
import types

out = None


def shown(value):
    """Plain values; of others only that they are there."""
    text = repr(value)
    plain = (isinstance(value, (str, bytes)) or text in ('None', 'True', 'False')
             or not text[:1].isalpha())
    return text if plain and '<' not in text else '...'


def shown_argument(event, argument):
    if event == 'exception':
        kind, value, _ = argument
        return f'{kind.__name__} {re.sub("<.*", "...", str(value))}'
    return argument.__name__ if event.startswith('c_') else shown(argument)


def is_ours(frame):
    return os.path.basename(frame.f_code.co_filename) == 'program.py'


def write(frame, event, argument, *more):
    """From the program's first event to the end of its main code."""
    global out
    if out is None:
        out = open('events', 'w')
    if out.closed or not is_ours(frame):
        return
    print(event, frame.f_code.co_qualname, frame.f_lineno, *more, shown_argument(event, argument),
          file=out)
    if event == 'return' and frame.f_code.co_name == '<module>':
        out.close()


def trace(frame, event, argument):
    if not is_ours(frame):
        return trace
    names = {name: shown(value) for name, value in sorted(frame.f_locals.items())
             if not name.startswith('__')}
    write(frame, event, argument, frame.f_lasti, names)
    return trace


def opcodes(frame, event, argument):
    if is_ours(frame):
        frame.f_trace_opcodes = True
    write(frame, event, argument, frame.f_lasti)
    return opcodes


def profile(frame, event, argument):
    write(frame, event, argument)


def main():
    which, program = sys.argv[1:]
    path = os.path.abspath(program)
    sys.path[0] = os.path.dirname(path)
    with open(path) as source:
        code = compile(source.read(), path, 'exec')
    sys.modules['__main__'] = module = types.ModuleType('__main__')
    module.__file__ = path
    (sys.setprofile if which == 'profile' else sys.settrace)(globals()[which])
    try:
        exec(code, module.__dict__)
    finally:
        sys.settrace(None)
        sys.setprofile(None)


if __name__ == '__main__':
    main()
