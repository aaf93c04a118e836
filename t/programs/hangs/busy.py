# SPDX-License-Identifier: GPL-2.0-or-later
# One thread computes and never ends, others sleep, wait for it or for the interpreter.
import queue
import threading
import time

answers = queue.Queue()


def compute():
    n = 0
    while n >= 0:
        n += 1
    answers.put(n)


def doze():
    while True:
        time.sleep(0.02)


print('computing', flush=True)
for work in compute, doze, doze:
    threading.Thread(target=work, daemon=True).start()
print('got', answers.get())
