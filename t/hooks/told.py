# SPDX-License-Identifier: GPL-2.0-or-later
"""As events.c, in Python: writes the same lines. Arguments: FILE,TO"""
import os

from crosscut import hook

only, to = hook.arguments.split(',')
out = open(to, 'w')


def base(file):
    return os.path.basename(file)


def write(*words):
    print(*words, file=out)


def is_wanted(call):
    return base(call.file or call.caller.file) == only


def place():
    """Where the program is, if that is in its file."""
    frame = hook.frame()
    return frame and base(frame.file) == only and f'{only}:{frame.line}'


@hook.statement
def statement(file, line, sub):
    if base(file) == only:
        write('statement', f'{only}:{line} in {sub}')


@hook.enter
def enter(call):
    if is_wanted(call):
        caller = call.caller
        stack = ''.join(f' {base(frame.file)}:{frame.line} {frame.sub};' for frame in hook.stack())
        write('enter', call.sub, f'{base(call.file)}:{call.line} from',
              f'{base(caller.file)}:{caller.line} {caller.sub} |{stack}')


@hook.leave
def leave(call, unwound):
    if is_wanted(call):
        write('leave', call.sub + (' unwound' if unwound else ''))


@hook.exception
def exception(class_name, text):
    if place():
        write('exception', f'{class_name}: {text} at {place()}')


@hook.host_call
def host_call(name, ordinal):
    if place():
        write('host_call', name, 'at', place())


@hook.host_called
def host_called(name, ordinal):
    if place():
        value, error = hook.result()
        write('host_called', name, '=', value if isinstance(value, int) else f'"{value}"', error)


@hook.end
def end(status):
    write('end', status)
    out.close()
