"""A signal handler of an extension's own: faulthandler's, which dumps the traceback and calls python's."""
import faulthandler
import os
import signal
import sys


def interrupted(number):
    os.kill(os.getpid(), signal.SIGUSR1)
    return number + 1


signal.signal(signal.SIGUSR1, lambda number, frame: print("python's own", number, flush=True))
faulthandler.register(signal.SIGUSR1, file=sys.stdout, all_threads=False, chain=True)
for turn in range(3):
    print("turn", interrupted(turn), flush=True)
faulthandler.unregister(signal.SIGUSR1)
interrupted(0)
