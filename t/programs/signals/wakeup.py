# SPDX-License-Identifier: GPL-2.0-or-later
# The interpreter's C handler writes to a descriptor that is full, or closed, while the program computes.
import os
import signal
import socket
import warnings

def until(condition):
    n = 0
    while not condition():
        n += 1
    return n > 0

got = []
signal.signal(signal.SIGALRM, lambda *_: got.append('alarm'))
r, w = os.pipe()
os.set_blocking(w, False)
signal.set_wakeup_fd(w)
for seconds in (0.03, 0.03):
    signal.setitimer(signal.ITIMER_REAL, seconds)
    count = len(got)
    until(lambda: len(got) > count)
    print('woken', os.read(r, 100), flush=True)
try:
    while True:
        os.write(w, b'x' * 65536)
except BlockingIOError:
    pass
signal.setitimer(signal.ITIMER_REAL, 0.03)
until(lambda: len(got) > 2)
print('full', len(got), flush=True)
a, b = socket.socketpair()
a.setblocking(False)
signal.set_wakeup_fd(a.fileno())
b.close()
signal.setitimer(signal.ITIMER_REAL, 0.03)
until(lambda: len(got) > 3)
print('closed', len(got), flush=True)
