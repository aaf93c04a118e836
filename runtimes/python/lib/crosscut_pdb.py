# SPDX-License-Identifier: GPL-2.0-or-later
"""The standard pdb on a past run: its own commands, and what cannot be done to the past said so."""

import os
import pdb
import sys


class Pdb(pdb.Pdb):
    """pdb, stopping first where `python3 -m pdb` does: at the first line of the main program."""

    def __init__(self):
        super().__init__(nosigint=True)
        self.waiting = True
        self.reset()

    def is_main(self, frame):
        return frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__"

    def user_call(self, frame, argument_list):
        if not self.waiting:
            super().user_call(frame, argument_list)

    def user_return(self, frame, return_value):
        if not self.waiting:
            super().user_return(frame, return_value)

    def user_exception(self, frame, exc_info):
        if not self.waiting:
            super().user_exception(frame, exc_info)

    def user_line(self, frame):
        if self.waiting:
            if not self.is_main(frame):
                return
            self.waiting = False
            self.botframe = sys._getframe()  # none of the program's: nothing is below its first frame
        super().user_line(frame)

    def do_whatis(self, arg):
        """whatis arg
        Print the type of the argument."""
        try:
            value = self._getval(arg)
        except Exception:
            return  # _getval has said so
        kind = value.__class__
        if type(value) is kind or hasattr(value, "__code__") or hasattr(value, "__func__"):
            super().do_whatis(arg)
        elif repr(kind) == "<class 'type'>":
            self.message(f"Class {value.__module__}.{value.__qualname__}")
        else:
            self.message(kind)

    def do_quit(self, arg):
        """q(uit) | exit
        Quit from the debugger; the replay ends."""
        sys.stdout.flush()
        os._exit(0)

    do_q = do_exit = do_quit

    def do_EOF(self, arg):
        self.message("")
        self.do_quit(arg)

    def do_run(self, arg):
        """run, restart
        A past run has happened once: start cc-python-replay again."""
        self.error("this is a past run: start cc-python-replay --pdb again")

    do_restart = do_run

    def do_jump(self, arg):
        """j(ump) lineno
        The past goes the way it went."""
        self.error("the past cannot be changed: no jumping in it")

    do_j = do_jump


def start():
    sys.settrace(Pdb().trace_dispatch)
