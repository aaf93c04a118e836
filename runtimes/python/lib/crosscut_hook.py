# SPDX-License-Identifier: GPL-2.0-or-later
"""Hooks in Python, told of what a past run does.

    cc-python-replay --hook FILE.py[=ARGUMENTS] slice.pylog

    from crosscut import hook

    @hook.enter
    def entered(call):
        print(call.sub, call.caller.file, call.caller.line)

The events are those of hooks.h, under the same names. Values are copies; objects of classes are
shown as hook.Object. What no hook asks for costs nothing.
"""

from collections import namedtuple

import _crosscut_hook

arguments = ""  # what stands behind `=` in --hook, while the file is run

Frame = namedtuple("Frame", "file line sub")
# Where it is defined ("" and 0: in C), and who calls.
Call = namedtuple("Call", "sub file line caller")


class Moment(namedtuple("Moment", "calls events")):
    """So many host calls are over, so many events came since; as prints and pdb's `go` have it."""

    def __str__(self):
        return f"{self.calls}.{self.events}"


_listeners = {
    event: []
    for event in ("statement", "op", "enter", "leave", "exception", "host_call", "host_called",
                  "forked", "end")
}


class Object:
    """An object of the program: the name of its class, its address, a copy of its attributes."""

    def __init__(self, kind, address, attributes):
        self.kind = kind
        self.address = address
        self.attributes = attributes

    def __repr__(self):
        return f"<{self.kind} at {self.address:#x}>"


def _listen(event, function):
    _listeners[event].append(function)
    return function


def fail(text):
    """What was to be found out is not whole: "NAME: FILE: why". At the replay's end it is said, and
    the status is 125."""
    _crosscut_hook.fail(f"--hook {text}")


def statement(function):
    """function(file, line, sub): a line is about to run."""
    return _listen("statement", function)


def op(function):
    """function(name): a bytecode is about to run. Costs more than all the others."""
    return _listen("op", function)


def enter(function):
    """function(call): a function was called, or a generator goes on."""
    return _listen("enter", function)


def leave(function):
    """function(call, unwound): it has returned or yielded, or an exception left it."""
    return _listen("leave", function)


def exception(function):
    """function(class_name, text): an exception was raised."""
    return _listen("exception", function)


def host_call(function):
    """function(name, ordinal): a call into the C library is about to be served."""
    return _listen("host_call", function)


def host_called(function):
    """function(name, ordinal): it was; what it brought is there."""
    return _listen("host_called", function)


def forked(function):
    """function(process): a forked child's own run begins, in its fork. Who listens to this is also
    told of what came before, which is its parent's."""
    return _listen("forked", function)


def end(function):
    """function(status): the program is over; minus the signal that killed it."""
    return _listen("end", function)


def past():
    """Is what happens now the past of a forked child?"""
    return _crosscut_hook.past()


def process():
    """The number that the process which runs had in the run; in a forked child's past it is its
    parent's."""
    return _crosscut_hook.process()


def prefix():
    """What each line that is written is to begin with: "[pid 75] " where --show-process is given,
    else ""."""
    return _crosscut_hook.prefix()


def frame(depth=0):
    """Where the program is, or its caller at that depth; None: there are not so many."""
    return _crosscut_hook.frame(depth)


def stack():
    """All frames, the innermost first."""
    frames = []
    while found := frame(len(frames)):
        frames.append(found)
    return frames


def count_moments():
    """While the file is run: moment will be asked. Events are counted from the beginning on then,
    which takes a little time at each of them."""
    _crosscut_hook.count_moments()


def moment():
    """When that is: a Moment, printed as 1234.56."""
    return Moment(*_crosscut_hook.moment())


def variable(name, depth=0, default=None):
    """A variable as that frame sees it: x, x.attribute, x[2], x['key']."""
    found = _crosscut_hook.variable(name, depth)
    return found[0] if found else default


def call_arguments():
    """In host_call and host_called: the call's arguments by name."""
    found = {}
    while argument := _crosscut_hook.argument(len(found)):
        found[argument[0]] = argument[1]
    return found


def result():
    """In host_called: what the call returned, and errno if it failed (else 0)."""
    return _crosscut_hook.result()
