# SPDX-License-Identifier: GPL-2.0-or-later
"""Signals at any op, with and without other threads: handlers run in the main one, and may raise."""
import os
import signal
import sys
import threading
import time

count = 0


class Enough(Exception):
    pass


def handler(number, frame):
    global count
    count += 1
    if count % 7 == 0:
        raise Enough(frame.f_lineno, frame.f_lasti)


def every(seconds):
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)


signal.signal(signal.SIGALRM, handler)
every(0.003)
total = 0
caught = []
for _ in range(60):
    try:
        for step in range(3000):
            total += step * count
        total += sum([step * count for step in range(300)])
        time.sleep(0.0001)
    except Enough as enough:
        caught.append(enough.args)
every(0)
print(count, total, caught)

signal.signal(signal.SIGALRM, lambda number, frame: globals().update(count=count + 1))
own = os.pidfd_open(os.getpid())
signal.pidfd_send_signal(own, signal.SIGALRM)
os.close(own)
print(count, signal.strsignal(signal.SIGALRM))
sys.setswitchinterval(0.0005)


def work(number):
    global total
    for step in range(10000):
        total += count * number
        total ^= step


every(0.002)
threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
while any(thread.is_alive() for thread in threads):
    time.sleep(0.001)
every(0)
print(count, total, flush=True)

child = os.fork()
if not child:
    thread = threading.Thread(target=lambda: print('child', os.getpid(), threading.active_count(), flush=True))
    thread.start()
    thread.join()
    os._exit(4)
print(os.waitpid(child, 0))
