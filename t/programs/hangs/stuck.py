# SPDX-License-Identifier: GPL-2.0-or-later
# A thread prints into a pipe that nobody reads, and has the stream's own lock meanwhile.
import os
import sys
import threading

print('printing', flush=True)
r, w = os.pipe()
os.dup2(w, 1)


def talk():
    while True:
        print('word ' * 2000)


thread = threading.Thread(target=talk, name='talker')
thread.start()
thread.join()
